/** Runs a tool program through a toolbox, and watches it from the outside. */
import type { Clock } from "../../src/index.ts";
import type { VirtualClock } from "../../src/testing/index.ts";
import {
  defineTool,
  fileClaim,
  toolbox,
  type StandardSchema,
  type Tool,
  type ToolCall,
  type ToolResult,
  type Turn,
  type TurnReport,
} from "../../src/tools/index.ts";
import {
  apply,
  ATTEMPTS,
  linkedNumber,
  newStore,
  placeCalls,
  PLACES,
  touches,
  type Input,
  type Link,
  type PlacedCall,
  type Program,
  type Store,
  type ToolName,
} from "./tool-program.ts";

/** What was seen of a program. */
export interface Seen {
  readonly results: readonly (readonly ToolResult[])[];
  readonly reports: readonly TurnReport[];
  readonly store: Store;
  /** What must not happen, and did. */
  readonly violations: readonly string[];
  /** When each call was added and answered, by its id. */
  readonly times: ReadonlyMap<string, { readonly addedMs: number; readonly answeredMs: number }>;
  /** When each turn was committed, by its number. */
  readonly committedMs: ReadonlyMap<number, number>;
  /** The attempts, in the order of their beginnings. */
  readonly spans: readonly Span[];
}

/** An attempt, as its tool saw it. */
export interface Span {
  readonly id: string;
  readonly tool: ToolName;
  readonly input: Input;
  readonly startMs: number;
  endMs: number;
}

/** What is done to a program while it runs. */
export interface Interference {
  /** Whether tools stop when they are told to. */
  readonly obedient: boolean;
  readonly timeoutMs: number | undefined;
  readonly graceMs: number;
  /** Called when all is open. */
  begin(turns: readonly Turn[], clock: Clock, spans: readonly Span[]): void;
}

/** How long a program may take: longer means that it hangs. */
const HANGS_AFTER_MS = 1_000_000;

export async function runProgram(
  program: Program,
  options: {
    readonly root: string;
    readonly clock: VirtualClock;
    readonly interference?: Interference;
  },
): Promise<Seen> {
  const { root, clock, interference } = options;
  const store = newStore();
  const placed = placeCalls(program);
  const watch = new Watch(program, placed, clock);
  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => void (ms === 0 ? resolve() : clock.schedule(ms, resolve)));
  const box = toolbox(toolsOf({ program, placed, store, watch, sleep, interference }), {
    root,
    clock,
    limit: program.concurrency,
    timeoutMs: interference?.timeoutMs,
    graceMs: interference?.graceMs,
    approve: async ({ id }) => {
      const call = firstOf(placed, id);
      await sleep(call.approval.afterMs);
      return { approved: call.approval.given };
    },
  });
  const turns = Array.from({ length: program.turns }, () => box.turn());
  interference?.begin(turns, clock, watch.spans);
  const results = await orHang(clock, drive({ program, placed, turns, sleep, watch, clock }));
  await orHang(clock, box.idle());
  if (interference?.obedient !== false && watch.running.size > 0) {
    watch.violations.push("something runs after idle()");
  }
  const reports = turns.map((turn) => turn.report());
  return {
    results,
    reports,
    store,
    violations: watch.violations,
    times: watch.times,
    committedMs: watch.committedMs,
    spans: watch.spans,
  };
}

/** Hands over the calls one by one, and commits each turn some time after its last. */
async function drive(all: {
  readonly program: Program;
  readonly placed: readonly PlacedCall[];
  readonly turns: readonly Turn[];
  readonly sleep: (ms: number) => Promise<void>;
  readonly watch: Watch;
  readonly clock: Clock;
}): Promise<readonly (readonly ToolResult[])[]> {
  const { program, placed, turns, sleep, watch, clock } = all;
  const last = program.calls.reduce(
    (ends, { turn }, index) => ends.set(turn, index),
    new Map<number, number>(),
  );
  turns.filter((_, index) => !last.has(index)).forEach((turn) => turn.commit());
  const late: Promise<void>[] = [];
  const noteAnswer = async (turn: Turn, id: string): Promise<void> => {
    const addedMs = clock.now();
    await turn.result(id);
    watch.times.set(id, { addedMs, answeredMs: clock.now() });
  };
  const commitLater = async (turn: Turn, number: number): Promise<void> => {
    await sleep(program.commitMs[number] ?? 0);
    watch.committedMs.set(number, clock.now());
    turn.commit();
  };
  for (const [index, each] of placed.entries()) {
    const { gapMs, turn: number } = each.call;
    if (gapMs > 0) {
      await sleep(gapMs);
    }
    const turn = turns[number] as Turn;
    turn.call(callOf(each, placed));
    if (!watch.times.has(each.id)) {
      watch.times.set(each.id, { addedMs: clock.now(), answeredMs: Infinity });
      late.push(noteAnswer(turn, each.id));
    }
    if (last.get(number) === index) {
      late.push(commitLater(turn, number));
    }
  }
  await Promise.all(late);
  return await Promise.all(turns.map((turn) => turn.results()));
}

async function orHang<T>(clock: Clock, promise: Promise<T>): Promise<T> {
  return await new Promise((resolve, reject) => {
    const timer = clock.schedule(HANGS_AFTER_MS, () => reject(new Error("The program hangs")));
    promise.then(resolve, reject).finally(() => timer.cancel());
  });
}

function firstOf(placed: readonly PlacedCall[], id: string): PlacedCall["call"] {
  return (placed.find((each) => each.id === id) as PlacedCall).call;
}

function callOf({ call, id, number }: PlacedCall, placed: readonly PlacedCall[]): ToolCall {
  const ids = placed.filter((each) => each.call.turn === call.turn).map((each) => each.id);
  const idOf = (to: number): string => (to > number ? "none" : (ids[to - 1] ?? "none"));
  const after = call.after?.map((to) => idOf(linkedNumber({ to }, number)));
  const fill = (value: string | Link): unknown => {
    if (typeof value === "string") {
      return value;
    }
    const to = linkedNumber(value, number);
    const from = value.by === "number" ? to : idOf(to);
    return { $from: from, path: value.path };
  };
  const input = {
    place: fill(call.place),
    target: call.spoilt === "type" ? 5 : call.target,
    text: fill(call.text),
    fails: call.fails,
    failures: call.failures,
    ask: call.approval.needed,
    schemaMs: call.schemaMs,
  };
  const inputText = JSON.stringify(input);
  const spoilt = call.spoilt === "json" ? inputText.slice(0, -3) : inputText;
  return number % 2 === 0 && call.spoilt !== "json"
    ? { id, name: call.tool, input, after }
    : { id, name: call.tool, inputText: spoilt, after };
}

/** What is running, seen from inside the tools. */
class Watch {
  readonly running = new Set<Span>();
  readonly spans: Span[] = [];
  readonly violations: string[] = [];
  readonly committedMs = new Map<number, number>();
  readonly times = new Map<string, { readonly addedMs: number; readonly answeredMs: number }>();
  readonly #program: Program;
  readonly #placed: readonly PlacedCall[];
  readonly #clock: Clock;

  constructor(program: Program, placed: readonly PlacedCall[], clock: Clock) {
    this.#program = program;
    this.#placed = placed;
    this.#clock = clock;
  }

  begin(id: string, tool: ToolName, input: Input): Span {
    const span: Span = { id, tool, input, startMs: this.#clock.now(), endMs: Infinity };
    for (const other of this.running) {
      if (overlapIsWrong(span, other)) {
        this.violations.push(`${id} overlaps ${other.id}`);
      }
    }
    this.running.add(span);
    this.spans.push(span);
    const puts = [...this.running].filter((each) => each.tool === "put").length;
    if (this.running.size > this.#program.concurrency || puts > this.#program.putConcurrency) {
      this.violations.push(`${id} exceeds a limit`);
    }
    if (!READS.has(tool) && !this.committedMs.has(firstOf(this.#placed, id).turn)) {
      this.violations.push(`${id} runs before the commit`);
    }
    return span;
  }

  end(span: Span): void {
    this.running.delete(span);
    span.endMs = this.#clock.now();
  }
}

/** Whether two calls must not run at the same time. */
export function overlapIsWrong(
  a: Pick<Span, "tool" | "input">,
  b: Pick<Span, "tool" | "input">,
): boolean {
  const [one, other] = [touches(a.tool, a.input), touches(b.tool, b.input)];
  const meet = (x: readonly string[], y: readonly string[]): boolean =>
    x.some((each) => y.includes(each));
  return (
    one.alone ||
    other.alone ||
    meet(one.writes, [...other.reads, ...other.writes]) ||
    meet(other.writes, one.reads)
  );
}

const READS: ReadonlySet<ToolName> = new Set(["get", "look", "peek"]);

const claimOf = (place: string): string =>
  place.startsWith("db:") || place.includes("#")
    ? place.replace(/^(?!db:)/, "file:")
    : fileClaim(place);

function toolsOf(all: {
  readonly program: Program;
  readonly placed: readonly PlacedCall[];
  readonly store: Store;
  readonly watch: Watch;
  readonly sleep: (ms: number) => Promise<void>;
  readonly interference: Interference | undefined;
}): readonly Tool[] {
  const { program, placed, store, watch, sleep, interference } = all;
  const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
    if (interference === undefined) {
      await sleep(ms);
      return;
    }
    if (!interference.obedient) {
      await sleep(ms * 10);
      return;
    }
    signal.throwIfAborted();
    await Promise.race([
      sleep(ms),
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason as Error)),
      ),
    ]);
  };
  const tool = (
    name: ToolName,
    fields: readonly (keyof Input)[],
    rest: Partial<Tool<Input>>,
  ): Tool =>
    defineTool({
      name,
      input: schemaOf(fields, sleep),
      ...rest,
      run: async (input, ctx) => {
        const span = watch.begin(ctx.key, name, input);
        const [beforeMs, afterMs] = firstOf(placed, ctx.key).delaysMs;
        try {
          await pause(beforeMs, ctx.signal);
          const value = apply(name, input, store, ctx.attempt);
          await pause(afterMs, ctx.signal);
          return value;
        } finally {
          watch.end(span);
        }
      },
    }) as Tool;
  const reads = ({ place }: Input): string => claimOf(place);
  const retry = { attempts: ATTEMPTS, delayMs: 4, random: () => 0.5 };
  return [
    tool("get", ["place", "fails"], { effect: "read", reads }),
    tool("put", ["place", "text", "fails"], { writes: reads, limit: program.putConcurrency }),
    tool("copy", ["place", "target", "fails"], {
      reads,
      writes: ({ target }) => [claimOf(target)],
    }),
    tool("set", ["place", "text", "failures"], { writes: reads, idempotent: true, retry }),
    tool("look", ["fails"], { effect: "read" }),
    tool("shake", ["text", "fails"], {}),
    tool("echo", ["text", "fails"], { parallel: true }),
    tool("peek", ["text", "fails"], { parallel: true, effect: "read" }),
    tool("ask", ["place", "text", "fails", "ask"], {
      writes: reads,
      needsApproval: ({ ask }) => ask,
    }),
  ];
}

/** A schema that may take its time, and keeps only what its tool reads. */
function schemaOf(
  fields: readonly (keyof Input)[],
  sleep: (ms: number) => Promise<void>,
): StandardSchema<Input> {
  const check = (
    given: Record<string, unknown>,
  ): { value: Input } | { issues: { message: string }[] } =>
    typeof given["text"] === "string" &&
    typeof given["target"] === "string" &&
    PLACES[String(given["place"])] !== undefined
      ? {
          value: Object.fromEntries(
            fields.map((field) => [field, given[field]]),
          ) as unknown as Input,
        }
      : { issues: [{ message: "no such place" }] };
  return {
    "~standard": {
      version: 1,
      vendor: "test",
      validate(value) {
        const given = value as Record<string, unknown>;
        const ms = given["schemaMs"] as number;
        return ms > 0 ? sleep(ms).then(() => check(given)) : check(given);
      },
    },
  };
}
