/** A budget: how much work may cost together, reserved before it starts and corrected by what it really cost. */
import type { Limit } from "../limits/limit.ts";
import { startWaiting } from "../limits/start-waiting.ts";
import type { Waiter } from "../start-queue.ts";
import type { Cost } from "../task.ts";
import { Account } from "./account.ts";
import { amountsOf, costOf, NOTHING, UNITS, type Amounts, type Unit } from "./amounts.ts";
import { OpenAccount } from "./open-account.ts";

/** What a {@link budget} allows: at least one of `usd`, `tokens`, `calls` and `timeMs`. All that are given hold together. */
export interface BudgetOptions extends Cost {
  /**
   * How long after its first attempt others may start, in milliseconds, each with its `expectedMs` left. Nothing is stopped by
   * it: that is what `deadlineMs` is for. @defaultValue Infinity
   */
  readonly timeMs?: number | undefined;
  /** What outcomes and events call it. @defaultValue "budget" */
  readonly name?: string | undefined;
}

/** A run that pays. */
type Payer = Pick<Waiter["owner"], "now" | "isStuck">;

/** An amount of everything that can cost. */
export type CostTotals = Readonly<Record<keyof Cost, number>>;

/** How a {@link Budget} stands at this moment. */
export interface BudgetStats {
  /** What is spent, as told by `ctx.spend`, and by the estimates of attempts that ended and told nothing. */
  readonly spent: CostTotals;
  /** What is reserved beyond that for attempts that run. */
  readonly reserved: CostTotals;
  /** What can still be reserved; Infinity where there is no bound. */
  readonly left: CostTotals;
  /** By how much what is spent exceeds the budget: by as much as attempts cost more than they were estimated at. */
  readonly exceeded: CostTotals;
  /** How long ago the first attempt began; 0 before. */
  readonly elapsedMs: number;
}

/**
 * How much work may cost together. Make one with {@link budget} and hand it to any number of runs and tasks.
 *
 * Before an attempt starts, its declared `cost` is reserved; with that, what is spent and reserved never exceeds the budget, whatever
 * starts at the same time. A task that does not fit waits as long as attempts run that may turn out cheaper, and is skipped, with the
 * reason, when that cannot make room any more. Of a task that declares nothing one call is reserved; it starts while anything is left.
 *
 * What is started inside a task that declares a cost draws from its reservation; inside one that does not, from the budget.
 *
 * Does not stop what runs: the real cost may exceed the budget by as much as attempts that run cost more than was reserved for them.
 */
export class Budget {
  /** What outcomes and events call it. */
  readonly name: string;
  /** @internal */
  readonly root: OpenAccount;
  readonly #total: Amounts;
  readonly #timeMs: number;
  /** @internal The lines of its open accounts. */
  readonly lines = new Set<Limit>();
  /** How many accounts each run has open. */
  readonly #open = new Map<Payer, number>();
  #clock: { now(): number } | undefined;
  #startedAtMs = 0;
  #wakes = false;

  /** @internal Use {@link budget}. */
  constructor(options: BudgetOptions) {
    const unbounded = { usd: Infinity, tokens: Infinity, calls: Infinity };
    this.name = options.name ?? "budget";
    const bounded = UNITS.filter(
      (unit) => options[unit] !== undefined && options[unit] !== Infinity,
    );
    this.#total = amountsOf(pick(options, bounded), unbounded, "Cannot make a budget");
    this.#timeMs = options.timeMs ?? Infinity;
    const reserve = { ...NOTHING, ...pick(this.#total, bounded) };
    this.root = new OpenAccount(this, new Account(undefined, { reserve, bounded }), undefined);
  }

  /** How it stands at this moment. */
  stats(): BudgetStats {
    const { spent, used } = this.root.account;
    const each = (of: (unit: Unit) => number): CostTotals =>
      costOf({ usd: of("usd"), tokens: of("tokens"), calls: of("calls") });
    return {
      spent: costOf(spent),
      reserved: each((unit) => used[unit] - spent[unit]),
      left: each((unit) => Math.max(0, this.#total[unit] - used[unit])),
      exceeded: each((unit) => Math.max(0, spent[unit] - this.#total[unit])),
      elapsedMs: this.#elapsedMs,
    };
  }

  /** @internal How much time is left. */
  get leftMs(): number {
    return this.#timeMs - this.#elapsedMs;
  }

  /** @internal An account was opened for an attempt of a run. The first of all begins the time. */
  begin(run: Payer): void {
    if (this.#clock === undefined) {
      this.#clock = run;
      this.#startedAtMs = run.now();
    }
    this.#open.set(run, (this.#open.get(run) ?? 0) + 1);
  }

  /** @internal An account was closed, with its line if it had one: others may fit now, or never. */
  end(run: Payer, line: Limit | undefined): void {
    const left = (this.#open.get(run) ?? 0) - 1;
    if (left === 0) {
      this.#open.delete(run);
    } else {
      this.#open.set(run, left);
    }
    if (line !== undefined) {
      this.lines.delete(line);
    }
    // Later, when those who come after it have been told of its end.
    if (!this.#wakes) {
      this.#wakes = true;
      queueMicrotask(() => {
        this.#wakes = false;
        startWaiting([...this.lines]);
      });
    }
  }

  get #elapsedMs(): number {
    return this.#clock === undefined ? 0 : this.#clock.now() - this.#startedAtMs;
  }

  /** @internal Whether another run that may still move has an open account. */
  isUsedBeside(run: object): boolean {
    return [...this.#open.keys()].some((each) => each !== run && !each.isStuck);
  }
}

/**
 * Makes a budget.
 *
 * @example
 * ```ts
 * import { budget, settle } from "fanfold";
 *
 * const research = budget({ name: "research", usd: 1, calls: 50 });
 * const ask = { cost: { usd: 0.4 }, run: async () => "answer" };
 * const outcomes = await settle({ a: ask, b: ask, c: ask }, { budget: research });
 * console.log(outcomes.c.status, research.stats().spent.usd); // skipped 0.8
 * ```
 * @throws `RangeError` when nothing is bounded, or a number is not from 0.
 */
export function budget(options: BudgetOptions): Budget {
  const { timeMs } = options;
  if (timeMs !== undefined && !(timeMs >= 0)) {
    throw new RangeError(`Cannot make a budget as "timeMs" must be a number from 0: ${timeMs}`);
  }
  if (timeMs === undefined && UNITS.every((unit) => options[unit] === undefined)) {
    throw new RangeError(
      'Cannot make a budget as one of "usd", "tokens", "calls" and "timeMs" must be given',
    );
  }
  return new Budget(options);
}

function pick<T>(
  of: Readonly<Record<Unit, T>> | Partial<Record<Unit, T>>,
  units: readonly Unit[],
): Partial<Record<Unit, T>> {
  return Object.fromEntries(units.map((unit) => [unit, of[unit]]));
}
