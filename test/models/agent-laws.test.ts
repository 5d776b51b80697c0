// Random scripts of a model and random tools, with failures and cancels at random moments: what holds of every run of an agent.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { budget, CancelledError, type RunEvent } from "../../src/index.ts";
import {
  agent,
  conversationsIn,
  ModelOutputError,
  type AgentEvent,
  type AgentResult,
  type FinishReason,
  type ModelMessage,
} from "../../src/models/index.ts";
import { scripted, virtualClock, type VirtualClock } from "../../src/testing/index.ts";
import { defineTool, toolbox, type Tool } from "../../src/tools/index.ts";

const resultFolder = mkdtempSync(join(tmpdir(), "fanfold-agent-laws-"));
afterAll(() => rmSync(resultFolder, { recursive: true }));

const TOOLS = ["look", "send", "long", "fail", "nobody"] as const;

interface Answer {
  readonly text: string;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly ms: number }[];
  readonly finishReason: FinishReason;
  readonly eachMs: number;
  /** After how many bits it breaks off; never where there are fewer. */
  readonly breaksAfter: number;
}

interface Setting {
  readonly answers: readonly Answer[];
  readonly maxSteps: number;
  readonly budgetCalls: number;
  readonly hasSchema: boolean;
  readonly limit: number;
  readonly obedient: boolean;
  /** When it is cancelled: at an event or a time, whichever is first. */
  readonly cancelAtEvent: number;
  readonly cancelAtMs: number;
}

const answer: fc.Arbitrary<Answer> = fc.record({
  text: fc.constantFrom("", "{}", "words"),
  calls: fc.array(
    fc.record({
      id: fc.constantFrom("1", "2", "3", "4", "5"), // Some twice, also over steps.
      name: fc.constantFrom(...TOOLS),
      ms: fc.nat(10),
    }),
    { maxLength: 4 },
  ),
  finishReason: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom<FinishReason>("stop", "tool-calls") },
    {
      weight: 1,
      arbitrary: fc.constantFrom<FinishReason>("length", "content-filter", "error", "other"),
    },
  ),
  eachMs: fc.nat(5),
  breaksAfter: fc.oneof(
    { weight: 5, arbitrary: fc.constant(Infinity) },
    { weight: 1, arbitrary: fc.nat(4) },
  ),
});

const setting = (cancels: boolean): fc.Arbitrary<Setting> => {
  const never = fc.constant(Infinity);
  return fc.record({
    answers: fc.array(answer, { minLength: 1, maxLength: 5 }),
    maxSteps: fc.integer({ min: 1, max: 6 }),
    budgetCalls: fc.oneof(never, fc.nat(4)),
    hasSchema: fc.boolean(),
    limit: fc.constantFrom(1, 2, 10),
    obedient: cancels ? fc.boolean() : fc.constant(true),
    cancelAtEvent: cancels ? fc.oneof(never, fc.nat(12)) : never,
    cancelAtMs: cancels ? fc.oneof(never, fc.nat(40)) : never,
  });
};

const BROKEN = new Error("The line broke");

const bitsOf = ({ text, calls }: Answer): number => (text === "" ? 0 : 1) + calls.length;
const breaks = (each: Answer): boolean => each.breaksAfter <= bitsOf(each);

/** What the model says when its script is over. */
const LAST: Answer = {
  text: "{}",
  calls: [],
  finishReason: "stop",
  eachMs: 0,
  breaksAfter: Infinity,
};

/** How a run ends that is not cancelled, from the script alone. */
interface Expected {
  readonly finish: string;
  readonly steps: number;
  readonly requests: number;
  readonly text: string;
}

function expectedOf({ answers, maxSteps, budgetCalls, hasSchema }: Setting): Expected {
  let text = "";
  for (let step = 1; step <= maxSteps; step += 1) {
    const before = { steps: step - 1, requests: step - 1, text };
    const now = { steps: step, requests: step };
    if (step > budgetCalls) {
      return { finish: "budget", ...before };
    }
    const each = answers[step - 1] ?? LAST;
    if (breaks(each)) {
      return { finish: "broken", ...now, text };
    }
    ({ text } = each);
    const { finishReason: reason, calls } = each;
    if (reason === "content-filter" || reason === "error" || reason === "other") {
      return { finish: reason, ...now, text };
    }
    if (calls.length === 0) {
      if (!hasSchema || text === "{}") {
        return { finish: reason === "length" ? "length" : "answered", ...now, text };
      }
      if (step === maxSteps) {
        return { finish: "unfit", ...now, text };
      }
    }
  }
  return { finish: "max-steps", steps: maxSteps, requests: maxSteps, text };
}

/** An event of the run, and how the world was when it came. */
interface LoggedEvent {
  readonly event: RunEvent;
  /** The conversation at the last complete step, as `onEvent` had told it. */
  readonly told: readonly ModelMessage[];
  /** Which calls with side effects had run, as `step id`. */
  readonly sent: readonly string[];
}

interface Seen {
  readonly result: AgentResult | undefined;
  readonly error: unknown;
  readonly messages: readonly ModelMessage[];
  readonly events: readonly AgentEvent[];
  readonly log: readonly LoggedEvent[];
  readonly requests: number;
  /** How much ran when the run had ended: attempts of tools, and requests. */
  readonly left: number;
  /** Which calls with side effects have run, as `step id`. */
  readonly sent: readonly string[];
  readonly wasCancelled: boolean;
}

interface World {
  readonly clock: VirtualClock;
  readonly obedient: boolean;
  running: number;
  step: number;
  readonly sent: string[];
}

function toolsOf(world: World): readonly Tool[] {
  const input = z.object({ ms: z.number() });
  const work = async (ms: number, signal: AbortSignal): Promise<void> => {
    world.running += 1;
    try {
      await new Promise<void>((resolve) => {
        world.clock.schedule(ms, resolve);
        if (world.obedient) {
          signal.addEventListener("abort", () => resolve());
        }
      });
    } finally {
      world.running -= 1;
    }
  };
  return [
    defineTool({
      name: "look",
      input,
      effect: "read",
      run: async ({ ms }, { signal }) => await work(ms, signal),
    }),
    defineTool({
      name: "long",
      input,
      effect: "read",
      run: async ({ ms }, { signal }) => {
        await work(ms, signal);
        return "long ".repeat(500);
      },
    }),
    defineTool({
      name: "send",
      input,
      writes: () => "post:1",
      run: async ({ ms }, { signal, key }) => {
        world.sent.push(`${world.step} ${key}`);
        await work(ms, signal);
      },
    }),
    defineTool({
      name: "fail",
      input,
      parallel: true,
      run: async ({ ms }, { signal }) => {
        await work(ms, signal);
        throw new Error("It failed");
      },
    }),
  ];
}

async function play(what: Setting): Promise<Seen> {
  const clock = virtualClock();
  const world: World = { clock, obedient: what.obedient, running: 0, step: 0, sent: [] };
  const model = scripted(
    (_, index) => {
      world.step = index + 1;
      const { text, calls, finishReason, eachMs, breaksAfter } = what.answers[index] ?? LAST;
      const toolCalls = calls.map(({ id, name, ms }) => ({ id, name, input: { ms } }));
      const given = { text, toolCalls, finishReason, eachMs };
      return breaks(what.answers[index] ?? LAST)
        ? { ...given, failure: BROKEN, breaksAfter }
        : given;
    },
    { clock },
  );
  const log: LoggedEvent[] = [];
  let told: readonly ModelMessage[] = [];
  const box = toolbox(toolsOf(world), {
    clock,
    limit: what.limit,
    graceMs: 3,
    maxResultBytes: 1000,
    resultFolder,
    observe: (event) => log.push({ event, told, sent: [...world.sent] }),
  });
  const helper = agent({
    model,
    toolbox: box,
    maxSteps: what.maxSteps,
    schema: what.hasSchema ? { schema: z.object({}) } : undefined,
    budget: what.budgetCalls < Infinity ? budget({ calls: what.budgetCalls }) : undefined,
  });
  const events: AgentEvent[] = [];
  let wasCancelled = false;
  let hasEnded = false;
  const cancel = (): void => {
    wasCancelled ||= !hasEnded;
    run.cancel("enough");
  };
  const run = helper.run("Go.", {
    onEvent: (event) => {
      events.push(event);
      told = event.type === "step-completed" ? event.messages : told;
      expectValid(run.messages);
      if (events.length > what.cancelAtEvent) {
        cancel();
      }
    },
  });
  if (what.cancelAtMs < Infinity) {
    clock.schedule(what.cancelAtMs, cancel);
  }
  let result: AgentResult | undefined;
  let error: unknown;
  try {
    result = await run;
  } catch (thrown) {
    error = thrown;
  }
  hasEnded = true;
  const left = world.running + model.inFlight;
  await box.idle();
  const { messages } = run;
  const { sent } = world;
  return {
    result,
    error,
    messages,
    events,
    log,
    requests: model.requests.length,
    left,
    sent,
    wasCancelled,
  };
}

/** Whether each call has an id of its own and exactly one result, in the message right after it and in order, and no result is without a call. */
function expectValid(messages: readonly ModelMessage[]): void {
  expect(messages[0]?.role).toBe("user");
  const calls = messages.flatMap((each) => (each.role === "assistant" ? each.toolCalls : []));
  expect(new Set(calls.map(({ id }) => id)).size).toBe(calls.length);
  for (const [index, message] of messages.entries()) {
    if (message.role === "assistant") {
      const next = messages[index + 1];
      const answered = next?.role === "tool" ? next.results : [];
      const name = (each: { readonly id: string; readonly name: string }) =>
        `${each.id} ${each.name}`;
      expect(answered.map(name)).toEqual(message.toolCalls.map(name));
      expect(message.text !== "" || message.toolCalls.length > 0).toBe(true);
    }
    if (message.role === "tool") {
      expect(messages[index - 1]?.role).toBe("assistant");
      expect(message.results.length).toBeGreaterThan(0);
    }
  }
}

function expectFinish(what: Setting, { result, error, requests }: Seen): void {
  const { finish, steps, requests: made, text } = expectedOf(what);
  expect(requests).toBe(made);
  if (finish === "broken") {
    expect(error).toBe(BROKEN);
  } else if (finish === "unfit") {
    expect(ModelOutputError.isInstance(error)).toBe(true);
  } else {
    expect(error).toBeUndefined();
    expect(result).toMatchObject({ finish, steps, text, spent: { calls: made } });
  }
}

const law = (cancels: boolean, check: (what: Setting, seen: Seen) => void) => async () => {
  await fc.assert(
    fc.asyncProperty(setting(cancels), async (what) => check(what, await play(what))),
    { numRuns: 200 },
  );
};

describe("in every run of an agent", () => {
  test(
    "each call has one result right after it, at every event and at the end",
    law(true, (_, { messages }) => expectValid(messages)),
  );

  test(
    "nothing runs any more when it has ended, but what does not stop",
    law(true, ({ obedient }, { left }) => {
      if (obedient) {
        expect(left).toBe(0);
      }
    }),
  );

  test(
    "it ends for the reason that the script has, after as many requests",
    law(false, (what, seen) => expectFinish(what, seen)),
  );

  test(
    "a cancel ends it with a CancelledError, where it had not ended already",
    law(true, (what, seen) => {
      if (!seen.wasCancelled) {
        expectFinish(what, seen);
      } else if (seen.result === undefined) {
        expect(CancelledError.isInstance(seen.error) || seen.error === BROKEN).toBe(true);
      }
    }),
  );

  test(
    "what has side effects runs only for a response that ended as it should",
    law(true, ({ answers }, { sent }) => {
      for (const [step] of sent.map((each) => each.split(" "))) {
        const from = answers[Number(step) - 1] ?? LAST;
        expect(from.calls.map(({ name }) => name)).toContain("send");
        expect(breaks(from)).toBe(false);
        expect(["stop", "tool-calls"]).toContain(from.finishReason);
      }
    }),
  );

  test(
    "all that had effects is in the conversation, and a conversation only grows",
    law(true, (_, { messages, events, sent }) => {
      const results = messages.flatMap((each) => (each.role === "tool" ? each.results : []));
      expect(results.filter(({ name }) => name === "send").length).toBeGreaterThanOrEqual(
        sent.length,
      );
      for (const event of events) {
        if (event.type === "step-completed") {
          expect(messages.slice(0, event.messages.length)).toEqual(event.messages);
        }
      }
    }),
  );

  test(
    "its conversation can be read back from its events at every moment, and all of it at the end",
    law(true, (_, { log, messages }) => {
      for (const [index, { told }] of log.entries()) {
        const [read] = conversationsIn(log.slice(0, index + 1).map(({ event }) => event));
        if (read !== undefined) {
          expectValid(read.messages);
          expect(messages.slice(0, read.messages.length)).toEqual(read.messages);
          expect(read.messages.length).toBeGreaterThanOrEqual(told.length);
          expect(read.isWhole).toBe(true);
        }
      }
      const events = log.map(({ event }) => event);
      const wasAbandoned = events.some((event) => event.type === "task-settled" && event.abandoned);
      const [whole] = conversationsIn(events);
      if (whole !== undefined && !wasAbandoned) {
        expect(whole.messages).toEqual(messages);
        expect(whole.unfinished).toEqual([]);
      }
    }),
  );

  test(
    "wherever its events end, a call that had effects is in the conversation, or known as begun",
    law(true, (_, { log }) => {
      const events = log.map(({ event }) => event);
      for (const [index, { sent }] of log.entries()) {
        const [read] = conversationsIn(events.slice(0, index + 1));
        const now = `${(read?.steps ?? 0) + 1} `;
        const begun = (read?.unfinished ?? []).flatMap(({ call, state }) =>
          state === "not-started" ? [] : [now + call.id],
        );
        const late = sent.filter((each) => each.startsWith(now));
        expect(begun).toEqual(expect.arrayContaining(late));
      }
    }),
  );
});
