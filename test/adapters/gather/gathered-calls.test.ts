import { AsyncLocalStorage } from "node:async_hooks";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { BatchOptions, Reply } from "../../../src/adapters/gather/call-batch.ts";
import { GatheredCalls } from "../../../src/adapters/gather/gathered-calls.ts";
import type { MadeCall } from "../../../src/adapters/gather/arrival.ts";
import { rig } from "../../../src/testing/index.ts";

const SUSPENSION = new Error("suspended");

const OPTIONS: BatchOptions = {
  meaningOf: (error) => (error === SUSPENSION ? "suspended" : "failed"),
  onSuspended: () => {},
};

const SHARED = {
  declare: {
    free: { parallel: true },
    page: { writes: (input: unknown) => `page:${String(input)}` },
  },
};

describe("gathered calls", () => {
  test("run in the asynchronous context in which they were made", async () => {
    const storage = new AsyncLocalStorage<string>();
    const calls = gathered({ limit: 1 });
    const group = {};
    const made = ["a", "b", "c"].map((name) =>
      storage.run(name, () =>
        calls.make(aCall({ name: "free", group, run: async () => storage.getStore() }), OPTIONS),
      ),
    );
    expect((await Promise.all(made)).map(textOf)).toEqual(["a", "b", "c"]);
  });

  test("a call that waits is stopped by its signal, and the one before it is not", async () => {
    const r = rig();
    const [first, second] = [r.task<string>("first"), r.task<string>("second")];
    const calls = gathered();
    const controller = new AbortController();
    const group = {};
    const replies = [
      calls.make(aCall({ name: "alone", group, run: (_, ctx) => first.run(ctx) }), OPTIONS),
      calls.make(
        aCall({
          name: "alone",
          group,
          run: (_, ctx) => second.run(ctx),
          signal: controller.signal,
        }),
        OPTIONS,
      ),
    ];
    await first.started;
    controller.abort(new Error("not wanted"));
    const reply = await replies[1]!;
    expect(reply).toMatchObject({ kind: "answered", result: { status: "cancelled" } });
    first.complete("fine");
    expect(textOf(await replies[0]!)).toBe("fine");
    expect(second.state).toBe("waiting");
  });

  test("a suspension is told when all that could end has ended, to all that could not begin", async () => {
    const r = rig();
    const beside = r.task<string>("beside");
    const freed = r.task<string>("freed");
    const calls = gathered({ limit: 2, ...SHARED });
    const group = {};
    const told: unknown[] = [];
    const options: BatchOptions = {
      ...OPTIONS,
      onSuspended: (completed, suspended) => told.push([...completed], suspended),
    };
    const make = (id: string, name: string, run: MadeCall["run"]): Promise<Reply> =>
      calls.make(aCall({ id, name, group, run, input: 1 }), options);
    const replies = Promise.all([
      make("asks", "page", () => Promise.reject(SUSPENSION)),
      make("beside", "free", (_, ctx) => beside.run(ctx)),
      make("freed", "free", (_, ctx) => freed.run(ctx)),
      make("behind", "page", () => "never"),
    ]);
    await beside.started;
    await r.idle();
    expect(told).toEqual([]);
    beside.complete("one");
    await freed.started;
    await r.idle();
    expect(told).toEqual([]);
    freed.complete("two");
    expect((await replies).map(textOf)).toEqual([SUSPENSION, "one", "two", SUSPENSION]);
    expect(told).toEqual([
      [
        ["beside", "one"],
        ["freed", "two"],
      ],
      ["asks"],
    ]);
  });

  test("claims come from validated arguments, and what is invalid does not run", async () => {
    const claimed: unknown[] = [];
    const calls = new GatheredCalls(
      [{ name: "page", schema: z.object({ page: z.string().transform((text) => text.trim()) }) }],
      { declare: { page: { writes: (input) => (claimed.push(input), "page:1") } } },
    );
    const run: MadeCall["run"] = (input) => input;
    const [right, wrong] = await Promise.all([
      calls.make(aCall({ name: "page", input: { page: " a " }, run }), OPTIONS),
      calls.make(aCall({ name: "page", input: { page: 1 }, run }), OPTIONS),
    ]);
    expect(claimed).toContainEqual({ page: "a" });
    expect(textOf(right)).toEqual({ page: " a " });
    expect(wrong).toMatchObject({ kind: "answered", result: { status: "invalid" } });
  });

  test("a schema may answer with a promise of another realm: what it refuses does not run, what it makes is claimed", async () => {
    const claimed: unknown[] = [];
    const answered = (input: unknown): Promise<never> =>
      runInNewContext(
        input === "wrong"
          ? 'Promise.resolve({ issues: [{ message: "too long" }] })'
          : 'Promise.resolve({ value: "made" })',
      ) as Promise<never>;
    const schema = { "~standard": { version: 1, vendor: "test", validate: answered } } as const;
    const calls = new GatheredCalls([{ name: "page", schema }], {
      declare: { page: { writes: (input) => (claimed.push(input), "page:1") } },
    });
    const run: MadeCall["run"] = (input) => input;
    const [right, wrong] = await Promise.all(
      ["right", "wrong"].map((input) => calls.make(aCall({ name: "page", input, run }), OPTIONS)),
    );
    expect(wrong).toMatchObject({ kind: "answered", result: { status: "invalid" } });
    expect(textOf(right!)).toBe("right");
    expect(claimed).toEqual(["made"]);
  });

  test("whoever approves sees the arguments of the call", async () => {
    const asked: unknown[] = [];
    const calls = new GatheredCalls([{ name: "mail" }], {
      declare: { mail: { needsApproval: (input) => input === "to bob" } },
      approve: ({ id, name, input }) => {
        asked.push({ id, name, input });
        return { approved: false, reason: "not bob" };
      },
    });
    const run: MadeCall["run"] = () => "sent";
    const group = {};
    const replies = ["to bob", "to ann"].map((input) =>
      calls.make(aCall({ id: input, name: "mail", group, input, run }), OPTIONS),
    );
    const [bob, ann] = await Promise.all(replies);
    expect(asked).toEqual([{ id: "to bob", name: "mail", input: "to bob" }]);
    expect(bob).toMatchObject({ result: { status: "denied" } });
    expect(textOf(ann!)).toBe("sent");
  });

  test("a call of a response that cannot begin is told why", async () => {
    const calls = gathered();
    const called = calls.make(aCall({ name: 7 as never, run: () => "never" }), OPTIONS);
    await expect(called).rejects.toThrow(TypeError);
  });

  test("calls without ids, and with the same, are told apart", async () => {
    const calls = gathered();
    const group = {};
    const replies = [undefined, "call-1", "", "same", "same"].map((id, index) =>
      calls.make(aCall({ id, name: "free", group, run: () => index }), OPTIONS),
    );
    expect((await Promise.all(replies)).map(textOf)).toEqual([0, 1, 2, 3, 4]);
  });

  test("a response comes to what its calls come to one after another, in whatever order they are made", async () => {
    const call = fc.record({ page: fc.nat(2), writes: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        fc
          .array(call, { minLength: 1, maxLength: 10 })
          .chain((response) =>
            fc.tuple(
              fc.constant(response),
              fc.shuffledSubarray([...response.keys()], { minLength: response.length }),
            ),
          ),
        fc.integer({ min: 1, max: 4 }),
        fc.scheduler(),
        async ([response, madeIn], limit, scheduler) => {
          const calls = new GatheredCalls([{ name: "read" }, { name: "write" }], {
            limit,
            declare: {
              read: { effect: "read", reads: (page) => `page:${String(page)}` },
              write: { writes: (page) => `page:${String(page)}` },
            },
          });
          const pages = [-1, -1, -1];
          const group = {};
          const replies = madeIn.map((position) => {
            const { page, writes } = response[position]!;
            const run = async (): Promise<number> => {
              await scheduler.schedule(Promise.resolve(), "begins");
              const before = pages[page]!;
              if (writes) pages[page] = position;
              await scheduler.schedule(Promise.resolve(), "ends");
              return before;
            };
            const name = writes ? "write" : "read";
            return calls.make(aCall({ name, group, input: page, position, run }), OPTIONS);
          });
          const outputs = (await scheduler.waitFor(Promise.all(replies))).map(textOf);
          const inOrder = madeIn
            .map((position, index) => [position, outputs[index]] as const)
            .toSorted(([a], [b]) => a - b);
          expect(inOrder.map(([, output]) => output)).toEqual(oneAfterAnother(response));
        },
      ),
    );
  });
});

function gathered(options: ConstructorParameters<typeof GatheredCalls>[1] = SHARED): GatheredCalls {
  return new GatheredCalls([{ name: "free" }, { name: "page" }, { name: "alone" }], {
    ...SHARED,
    ...options,
  });
}

function aCall(call: Partial<MadeCall> & Pick<MadeCall, "name" | "run">): MadeCall {
  return { group: {}, id: undefined, input: {}, position: undefined, signal: undefined, ...call };
}

/** The output of a call, or what it was stopped by. */
function textOf(reply: Reply): unknown {
  return reply.kind === "answered" ? reply.result.output : reply.error;
}

function oneAfterAnother(
  response: readonly { readonly page: number; readonly writes: boolean }[],
): readonly number[] {
  const pages = [-1, -1, -1];
  return response.map(({ page, writes }, position) => {
    const before = pages[page]!;
    if (writes) pages[page] = position;
    return before;
  });
}
