/**
 * Any response, written bit by bit, while calls end in any order: at every moment exactly those calls run that may.
 *
 * The oracle of the first law knows nothing of how: a call may run when it was written, every earlier call that conflicts with it has ended, and it only reads or the
 * response is complete.
 */
import fc from "fast-check";
import { parallel } from "fanfold/ai-sdk";
import { describe, expect, test } from "vitest";
import { heldTools, type PathInput } from "./held-tools.ts";
import { callPart, calling, finishPart, liveResponse, saying } from "./script.ts";
import { scriptedModel, sdks, silence, streams } from "./sdks.ts";

silence();

interface Call {
  readonly tool: "read" | "write" | "other";
  readonly path: string;
}

type Action = "write" | "end a call";

const aCall: fc.Arbitrary<Call> = fc.record({
  tool: fc.constantFrom("read", "read", "write", "other"),
  path: fc.constantFrom("a", "b", "c"),
});

const aRun = fc.record({
  calls: fc.array(aCall, { minLength: 1, maxLength: 7 }),
  actions: fc.array(fc.constantFrom<Action>("write", "write", "end a call"), { maxLength: 20 }),
  picks: fc.array(fc.nat(6), { minLength: 20, maxLength: 20 }),
  ending: fc.constantFrom("tool-calls", "tool-calls", "stop", "length", "broken"),
});

/** `read a:0`: the path is what comes before the colon. */
const nameOf = ({ tool, path }: Call, index: number): string => `${tool} ${path}:${index}`;

const conflicts = (a: Call, b: Call): boolean =>
  a.tool === "other" ||
  b.tool === "other" ||
  (a.path === b.path && (a.tool === "write" || b.tool === "write"));

const claim = ({ path }: PathInput): string => `file:${path.split(":")[0]}`;

describe.each(streams.filter(({ name }) => name.endsWith("streamText")))(
  "$name",
  ({ version, run }) => {
    test("with parallel, exactly those calls run that may, at every moment", async () => {
      await fc.assert(
        fc.asyncProperty(aRun, async ({ calls, actions, picks, ending }) => {
          const held = heldTools();
          const { read, write, other } = held;
          const response = liveResponse();
          const { tools, model, idle } = parallel({
            tools: { read, write, other },
            model: scriptedModel(version, [response.stream, saying("done")]),
            declare: { read: { effect: "read", reads: claim }, write: { writes: claim } },
            limit: Infinity,
          });
          const running = run({ model, tools, maxRetries: 0 }).catch(() => ({ content: [] }));
          const ended = new Set<number>();
          let written = 0;
          let isComplete = false;
          let isOver = false;
          const check = async (): Promise<void> => {
            await held.idle();
            const may = calls.flatMap((call, index) => {
              const isFree = calls
                .slice(0, index)
                .every((b, i) => ended.has(i) || !conflicts(call, b));
              const isLet = !isOver && index < written && (isComplete || call.tool === "read");
              return isLet && isFree && !ended.has(index) ? [nameOf(call, index)] : [];
            });
            expect(held.running.toSorted()).toEqual(may.toSorted());
          };
          const endOne = async (pick: number): Promise<boolean> => {
            const names = held.running.toSorted();
            const name = names[pick % names.length];
            if (name === undefined) {
              return false;
            }
            ended.add(Number(name.split(":")[1]));
            held.call(name).complete(name);
            await check();
            return true;
          };
          const writeOne = async (): Promise<boolean> => {
            const call = calls[written];
            if (call === undefined) {
              return false;
            }
            const { tool: name, path } = call;
            response.write(
              callPart({ id: `${written}`, name, input: { path: `${path}:${written}` } }),
            );
            written += 1;
            await check();
            return true;
          };
          for (const [index, action] of actions.entries()) {
            await (action === "write" ? writeOne() : endOne(picks[index] ?? 0));
          }
          while (await writeOne());
          isComplete = ending === "tool-calls" || ending === "stop";
          isOver = !isComplete;
          if (ending === "broken") {
            response.fail(new Error("connection lost"));
          } else {
            response.write(finishPart(ending));
            response.end();
          }
          await check();
          for (let pick = 0; await endOne(picks[pick] ?? 0); pick += 1);
          const { content } = await running;
          await idle();
          const outputs = content
            .filter(({ type }) => type === "tool-result")
            .map(({ toolCallId, output }) => [toolCallId, output]);
          const expected = calls.map((call, index) => [`${index}`, nameOf(call, index)]);
          expect(Object.fromEntries(outputs)).toEqual(
            isComplete ? Object.fromEntries(expected) : {},
          );
          expect(
            calls.every((call, i) => !isComplete || held.call(nameOf(call, i)).attempts === 1),
          ).toBe(true);
        }),
        { numRuns: 60 },
      );
    });
  },
);

interface HeldCall extends Call {
  /** Somebody has to consent first: the SDK does not execute it. */
  readonly isHeld: boolean;
  /** Hooks of the application delay it. */
  readonly isDelayed: boolean;
}

const aHeldRun = fc.record({
  calls: fc.array(
    fc.record({
      tool: fc.constantFrom<Call["tool"]>("read", "write", "other"),
      path: fc.constantFrom("a", "b"),
      isHeld: fc.boolean(),
      isDelayed: fc.boolean(),
    }) satisfies fc.Arbitrary<HeldCall>,
    { minLength: 1, maxLength: 6 },
  ),
  picks: fc.array(fc.nat(6), { minLength: 12, maxLength: 12 }),
  limit: fc.constantFrom(1, 2, 10),
  toolCallConcurrency: fc.constantFrom(undefined, 1, 2),
});

describe.each(sdks.filter(({ name }) => /generateText|streamText/.test(name)))(
  "$name",
  ({ version, run }) => {
    test("with parallel, calls that conflict never overlap nor change places, whatever is held back or delayed", async () => {
      await fc.assert(
        fc.asyncProperty(aHeldRun, async ({ calls, picks, limit, toolCallConcurrency }) => {
          const held = heldTools();
          const { read, write, other } = held;
          const needsApproval = ({ path }: PathInput): boolean =>
            calls[Number(path.split(":")[1])]?.isHeld === true;
          const delays = new Map<string, () => void>();
          const onStart = async ({
            toolCall,
          }: {
            toolCall: { toolCallId: string };
          }): Promise<void> => {
            if (calls[Number(toolCall.toolCallId)]?.isDelayed === true) {
              await new Promise<void>((resolve) => delays.set(toolCall.toolCallId, resolve));
            }
          };
          const scripted = calling(
            calls.map(({ tool: name, path }, index) => ({
              id: `${index}`,
              name,
              input: { path: `${path}:${index}` },
            })),
          );
          const { tools, model, idle } = parallel({
            tools: {
              read: { ...read, needsApproval },
              write: { ...write, needsApproval },
              other: { ...other, needsApproval },
            },
            model: scriptedModel(version, [scripted, saying("done")]),
            declare: { read: { effect: "read", reads: claim }, write: { writes: claim } },
            limit,
          });
          const hooks = { onToolExecutionStart: onStart, experimental_onToolCallStart: onStart };
          const running = run({ model, tools, toolCallConcurrency, ...hooks });
          for (let step = 0; ; step += 1) {
            await held.idle();
            expect(held.running.length).toBeLessThanOrEqual(limit);
            const choices = [...held.running.toSorted(), ...delays.keys()];
            const choice = choices[(picks[step] ?? 0) % choices.length];
            if (choice === undefined) {
              break;
            }
            if (delays.has(choice)) {
              delays.get(choice)?.();
              delays.delete(choice);
            } else {
              held.call(choice).complete("");
            }
          }
          await running;
          await idle();
          const wanted = calls.flatMap((call, index) => (call.isHeld ? [] : [{ call, index }]));
          const at = (name: string, what: string): number => held.order.indexOf(`${name} ${what}`);
          for (const { call, index } of wanted) {
            expect(held.call(nameOf(call, index)).attempts).toBe(1);
            for (const before of wanted.filter(
              (each) => each.index < index && conflicts(each.call, call),
            )) {
              expect(at(nameOf(before.call, before.index), "completed")).toBeLessThan(
                at(nameOf(call, index), "started"),
              );
            }
          }
          expect(held.order).toHaveLength(wanted.length * 2);
        }),
        { numRuns: 60 },
      );
    });
  },
);
