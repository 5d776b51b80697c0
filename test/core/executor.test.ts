import { describe, expect, test } from "vitest";
import {
  scope,
  settle,
  type Attempt,
  type Executor,
  type RunOptions,
  type TaskContext,
  type TaskFunction,
} from "../../src/index.ts";
import { rig, virtualClock } from "../../src/testing/index.ts";

/** A function that exists only elsewhere: here it is its name and its input. */
interface RemoteFunction extends TaskFunction<unknown> {
  readonly input: unknown;
}

/** What crosses the border: text. */
interface Request {
  readonly id: number;
  readonly key: string;
  readonly attempt: number;
  readonly input: unknown;
}

type NamedFunction = (input: unknown, ctx: { readonly signal: AbortSignal }) => unknown;

function remote(input: unknown): RemoteFunction {
  const refuse = (): never => {
    throw new Error("Cannot run a remote function in this process");
  };
  return Object.assign(refuse, { input });
}

const isRemote = (run: TaskFunction<unknown>): run is RemoteFunction => "input" in run;

/** The other side: functions by name, text in and text out. */
class Elsewhere {
  /** The requests that came, in order. */
  readonly requests: string[] = [];
  readonly #functions: ReadonlyMap<string, NamedFunction>;
  readonly #controllers = new Map<number, AbortController>();

  constructor(functions: Readonly<Record<string, NamedFunction>>) {
    this.#functions = new Map(Object.entries(functions));
  }

  async run(text: string): Promise<string> {
    const { id, key, attempt, input } = JSON.parse(text) as Request;
    this.requests.push(`${key} ${attempt}`);
    const controller = new AbortController();
    this.#controllers.set(id, controller);
    try {
      const value = await this.#functions.get(key)?.(input, controller);
      return JSON.stringify({ value });
    } catch (error) {
      return JSON.stringify({ error: String(error) });
    }
  }

  cancel(id: number): void {
    this.#controllers.get(id)?.abort(new Error("cancelled elsewhere"));
  }
}

class RemoteError extends Error {}

/** Sends the attempts of remote functions to the other side; all others run here. */
function remoteExecutor(elsewhere: Elsewhere): Executor {
  let requests = 0;
  const send = async ({ key, ctx }: Attempt, input: unknown): Promise<unknown> => {
    requests += 1;
    const id = requests;
    const onAbort = (): void => elsewhere.cancel(id);
    ctx.signal.addEventListener("abort", onAbort, { once: true });
    const request: Request = { id, key, attempt: ctx.attempt, input };
    const answer = JSON.parse(await elsewhere.run(JSON.stringify(request))) as {
      readonly value?: unknown;
      readonly error?: string;
    };
    ctx.signal.removeEventListener("abort", onAbort);
    if (answer.error !== undefined) {
      throw new RemoteError(answer.error);
    }
    return answer.value;
  };
  return {
    execute: (attempt) =>
      isRemote(attempt.run) ? send(attempt, attempt.run.input) : attempt.run(attempt.ctx),
  };
}

/** A run whose named functions run on the other side. */
function setUp(functions: Readonly<Record<string, NamedFunction>>): {
  readonly elsewhere: Elsewhere;
  readonly options: RunOptions;
} {
  const elsewhere = new Elsewhere(functions);
  const options = { executor: remoteExecutor(elsewhere), clock: virtualClock() };
  return { elsewhere, options };
}

describe("an executor", () => {
  test("runs the attempts of tasks elsewhere, knowing their keys alone", async () => {
    const { elsewhere, options } = setUp({
      double: (input) => (input as number) * 2,
      shout: async (input) => (input as string).toUpperCase(),
    });
    const outcomes = await settle(
      {
        double: remote(21),
        shout: { after: ["double"], run: remote("hi") },
        here: () => "in this process",
      },
      options,
    );
    expect(outcomes).toMatchObject({
      double: { status: "completed", value: 42 },
      shout: { status: "completed", value: "HI" },
      here: { status: "completed", value: "in this process" },
    });
    expect(elsewhere.requests).toEqual(["double 1", "shout 1"]);
  });

  test("sees each attempt once, with its number", async () => {
    const { elsewhere, options } = setUp({
      flaky: (_, { signal }) => {
        signal.throwIfAborted();
        if (elsewhere.requests.length < 3) {
          throw new Error("busy");
        }
        return elsewhere.requests.length;
      },
    });
    const { flaky } = await settle({ flaky: { retry: 5, run: remote(undefined) } }, options);
    expect(flaky).toMatchObject({ status: "completed", value: 3, attempts: 3 });
    expect(elsewhere.requests).toEqual(["flaky 1", "flaky 2", "flaky 3"]);
  });

  test("fails the task with what it throws", async () => {
    const { options } = setUp({
      broken: () => {
        throw new RangeError("no route");
      },
    });
    const { broken } = await settle({ broken: remote(1) }, options);
    expect(broken).toMatchObject({ status: "failed", attempts: 1, abandoned: false });
    expect(broken.status === "failed" && broken.error).toEqual(
      new RemoteError("RangeError: no route"),
    );
  });

  test("that throws at once fails the task with that error, unchanged", async () => {
    const error = new Error("no connection");
    const executor: Executor = {
      execute: ({ key, run, ctx }) => {
        if (key === "a") {
          throw error;
        }
        return run(ctx);
      },
    };
    const { a, b } = await settle({ a: () => 1, b: () => 2 }, { executor });
    expect(a.status === "failed" && a.error).toBe(error);
    expect(b).toMatchObject({ status: "completed", value: 2 });
  });

  test("is reached by the cancel of a task, whose work stops elsewhere", async () => {
    const far = rig();
    const slow = far.task("slow");
    const { options } = setUp({ slow: (_, ctx) => slow.run(ctx) });
    const run = settle({ slow: remote(undefined) }, options);
    await slow.started;
    run.cancel("enough");
    expect(await run).toMatchObject({
      slow: { status: "cancelled", reason: "enough", abandoned: false },
    });
    expect(slow.signal.reason).toEqual(new Error("cancelled elsewhere"));
    expect(far.order).toEqual(["slow started", "slow cancelled"]);
  });

  test("is reached by a timeout", async () => {
    const slow = rig().task("slow");
    const { options } = setUp({ slow: (_, ctx) => slow.run(ctx) });
    const outcomes = await settle({ slow: { timeoutMs: 100, run: remote(undefined) } }, options);
    expect(outcomes.slow).toMatchObject({ status: "failed", error: { code: "TIMED_OUT" } });
    expect(slow.state).toBe("cancelled");
  });

  test("that does not stop is abandoned after the grace", async () => {
    const deaf = rig().task("deaf", { ignoresCancel: true });
    const { options } = setUp({ deaf: (_, ctx) => deaf.run(ctx) });
    const outcomes = await settle({ deaf: { timeoutMs: 5, run: remote(undefined) } }, options);
    expect(outcomes.deaf).toMatchObject({ status: "failed", abandoned: true });
    expect(deaf.state).toBe("running");
  });

  test("runs the tasks that a task starts as well", async () => {
    const { elsewhere, options } = setUp({ child: (input) => input });
    const value = await scope(
      async (s) =>
        await s.start(
          "parent",
          async (ctx: TaskContext) => await ctx.start("child", remote("from elsewhere")),
        ),
      options,
    );
    expect(value).toBe("from elsewhere");
    expect(elsewhere.requests).toEqual(["child 1"]);
  });

  test("obeys the limit of the run", async () => {
    const far = rig();
    const tasks = ["a", "b", "c"].map((name) => far.task<string>(name));
    const { options } = setUp(
      Object.fromEntries(tasks.map(({ name, run }) => [name, (_: unknown, ctx) => run(ctx)])),
    );
    const run = settle({ a: remote(1), b: remote(2), c: remote(3) }, { ...options, limit: 2 });
    await far.idle();
    expect(far.running).toEqual(["a", "b"]);
    for (const task of tasks) {
      await task.started;
      task.complete(task.name);
    }
    expect(Object.values(await run)).toMatchObject([
      { value: "a" },
      { value: "b" },
      { value: "c" },
    ]);
  });
});
