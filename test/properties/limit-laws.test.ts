// The laws of limits that tasks name in every mixture and order, over random programs of held tasks.
import fc from "fast-check";
import { expect, test } from "vitest";
import { limit, scope, type Limit, type Starter, type TaskHandle } from "../../src/index.ts";
import { rig, type HeldTask, type Rig } from "../../src/testing/index.ts";
import { meet, someOf, type Need } from "./limited.ts";

interface ProgramTask {
  /** Which of the two runs it belongs to. */
  readonly run: 0 | 1;
  /** Numbers of limits, in the order in which they are named. */
  readonly limits: readonly number[];
  readonly weight: number;
  readonly priority: number;
  /** How far before it the task stands that it comes after; 0 for none. */
  readonly after: number;
  /** The limits of a task inside it, which it waits for with its slots lent; undefined where it has none. */
  readonly inner: readonly number[] | undefined;
}

/** What happens next: a running task ends, any task is cancelled, or a limit changes. */
type Step =
  | { readonly type: "end"; readonly number: number }
  | { readonly type: "cancel"; readonly number: number }
  | { readonly type: "set"; readonly number: number; readonly concurrency: number };

interface Program {
  readonly concurrency: readonly number[];
  readonly tasks: readonly ProgramTask[];
  readonly steps: readonly Step[];
}

const LIMITS = 3;
const MOST = 3;

const limitNumbers = someOf(LIMITS);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant("end"), number: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("cancel"), number: fc.nat(20) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("set"),
      number: fc.nat(LIMITS - 1),
      concurrency: fc.integer({ min: 1, max: MOST }),
    }),
  },
);

const program: fc.Arbitrary<Program> = fc.record({
  concurrency: fc.array(fc.integer({ min: 2, max: MOST }), {
    minLength: LIMITS,
    maxLength: LIMITS,
  }),
  tasks: fc.array(
    fc.record({
      run: fc.constantFrom(0, 1),
      limits: limitNumbers,
      weight: fc.integer({ min: 1, max: 2 }),
      priority: fc.nat(1),
      after: fc.nat(3),
      inner: fc.option(limitNumbers, { nil: undefined, freq: 3 }),
    }),
    { minLength: 1, maxLength: 12 },
  ),
  steps: fc.array(step, { maxLength: 40 }),
});

const hasRoom = ({ limits, weight }: Need): boolean =>
  limits.every(({ inUse, concurrency }) => inUse === 0 || inUse + weight <= concurrency);

/** A task of a program, started. */
class Started {
  readonly handle: TaskHandle<void>;
  readonly #task: ProgramTask;
  readonly #before: Started | undefined;
  readonly #limits: readonly Limit[];
  readonly #hold: (part: string) => HeldTask<void>;
  #inner: TaskHandle<void> | undefined;
  #rest: HeldTask<void> | undefined;

  constructor(
    starter: Starter,
    task: ProgramTask,
    around: {
      readonly before: Started | undefined;
      readonly limits: readonly Limit[];
      readonly hold: (part: string) => HeldTask<void>;
    },
  ) {
    this.#task = task;
    this.#before = around.before;
    this.#limits = around.limits;
    this.#hold = around.hold;
    const { weight, priority, limits } = task;
    const held = this.#hold("first");
    this.handle = starter.start(held.name, {
      weight,
      priority,
      limit: this.#named(limits),
      after: this.#before === undefined ? [] : [{ task: this.#before.handle, until: "settled" }],
      run: async (ctx) => {
        await held.run(ctx);
        if (task.inner !== undefined) {
          await this.#goOn(ctx, task.inner);
        }
      },
    });
  }

  /** What it, or the task inside it, stands in line for now. */
  get needs(): readonly Need[] {
    const { handle } = this;
    const inner = this.#inner?.state;
    const own = { limits: this.#named(this.#task.limits), weight: this.#task.weight };
    if (handle.state === "waiting") {
      return this.#before === undefined || this.#before.handle.state === "settled" ? [own] : [];
    }
    if (inner === "waiting") {
      return [{ limits: this.#named(this.#task.inner ?? []), weight: 1 }];
    }
    return handle.state === "running" && inner === "settled" && this.#rest?.state === "waiting"
      ? [own]
      : [];
  }

  /** Waits for a task inside, and has work of its own after that. */
  async #goOn(ctx: Starter & Parameters<HeldTask<void>["run"]>[0], limits: readonly number[]) {
    this.#rest = this.#hold("rest");
    const { name, run } = this.#hold("inner");
    this.#inner = ctx.start(name, { limit: this.#named(limits), run });
    await this.#inner.settled();
    await this.#rest.run(ctx);
  }

  #named(numbers: readonly number[]): Limit[] {
    return numbers.flatMap((number) => this.#limits[number] ?? []);
  }
}

/** The runs of a program under way. */
class Running {
  readonly limits: readonly Limit[];
  /** Resolves when all have ended. */
  readonly ended: Promise<unknown>;
  readonly #rig: Rig = rig();
  readonly #held = new Map<string, HeldTask<void>>();
  readonly #started: Started[] = [];

  constructor({ concurrency, tasks }: Program) {
    this.limits = concurrency.map((each, index) => limit({ name: `${index}`, concurrency: each }));
    this.ended = Promise.all(
      [0, 1].map((run) => this.#open(tasks.filter((task) => task.run === run))),
    );
  }

  get isOver(): boolean {
    return this.#started.every(({ handle }) => handle.state === "settled");
  }

  /** How many tasks run now. */
  get count(): number {
    return this.#rig.running.length;
  }

  /** Lets everything move that can. */
  async settle(): Promise<void> {
    await this.#rig.idle();
  }

  /** What all that stand in line need. */
  get needs(): readonly Need[] {
    return this.#started.flatMap(({ needs }) => needs);
  }

  take({ type, number, ...change }: Step): void {
    if (type === "end") {
      const { running } = this.#rig;
      this.#held.get(running[number % running.length] ?? "")?.complete();
    } else if (type === "cancel") {
      this.#started[number % this.#started.length]?.handle.cancel();
    } else {
      this.limits[number]?.set(change);
    }
  }

  async #open(tasks: readonly ProgramTask[]): Promise<void> {
    await scope(
      (s) => {
        const started: Started[] = [];
        for (const [index, task] of tasks.entries()) {
          const before = task.after === 0 ? undefined : started[index - task.after];
          const number = this.#started.length;
          const hold = (part: string): HeldTask<void> => this.#hold(`${number} ${part}`);
          const each = new Started(s, task, { before, limits: this.limits, hold });
          started.push(each);
          this.#started.push(each);
        }
      },
      { failure: "continue" },
    );
  }

  #hold(name: string): HeldTask<void> {
    const held = this.#rig.task(name);
    this.#held.set(name, held);
    return held;
  }
}

/** Whoever has room and does not start is behind one that has not, or behind one that is behind such a one. */
function checkNeeds(needs: readonly Need[]): void {
  const held = needs.filter((each) => !hasRoom(each));
  let rest = needs.filter(hasRoom);
  for (let found = held; found.length > 0; held.push(...found)) {
    found = rest.filter((each) => held.some((other) => meet(each, other)));
    rest = rest.filter((each) => !found.includes(each));
  }
  expect(rest).toEqual([]);
}

test("nobody stands in line who has room at all limits, but behind those who have not", async () => {
  await fc.assert(
    fc.asyncProperty(program, async (each) => {
      const running = new Running(each);
      await running.settle();
      for (const next of each.steps) {
        checkNeeds(running.needs);
        running.take(next);
        await running.settle();
      }
      while (!running.isOver) {
        expect(running.count).toBeGreaterThan(0);
        checkNeeds(running.needs);
        running.take({ type: "end", number: 0 });
        await running.settle();
      }
      await running.ended;
      expect(running.limits.map(({ inUse }) => inUse)).toEqual([0, 0, 0]);
    }),
    { numRuns: 1500 },
  );
});
