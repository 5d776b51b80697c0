/** What an attempt is estimated to cost: as declared, made ready for limits that count tokens and for budgets. */
import type { Cost } from "../task.ts";
import { amountsOf, NOTHING, UNITS, type Amounts, type Unit } from "./amounts.ts";

/** What an attempt is estimated to cost. */
export interface Estimate {
  readonly reserve: Amounts;
  /** The units of which nothing is said: it may spend any amount of them. */
  readonly unknown: readonly Unit[];
  /** Those in which it must suffice for all that is started inside the task too. */
  readonly bounded: readonly Unit[];
  /** How long it will run. */
  readonly expectedMs: number;
  /** Whether it starts although a budget is spent. */
  readonly isForced: boolean;
  /** Attempts of about the same cost have the same. */
  readonly costClass: number;
}

/** One call, of which nothing else is said. */
export const PLAIN_ESTIMATE: Estimate = {
  reserve: { ...NOTHING, calls: 1 },
  unknown: ["usd", "tokens"],
  bounded: [],
  expectedMs: 0,
  isForced: false,
  costClass: 0,
};

/** What a task declares that bears on its cost. */
interface Declared {
  readonly cost?: Cost | undefined;
  readonly expectedMs?: number | undefined;
  readonly always?: boolean | undefined;
}

/**
 * Reads what a task declares that it costs.
 *
 * @throws `RangeError` that names the task, the unit and the value.
 */
export function estimateOf(key: string, declared: Declared): Estimate {
  const { cost, expectedMs = 0, always: isForced = false } = declared;
  if (cost === undefined) {
    return expectedMs === 0 && !isForced
      ? PLAIN_ESTIMATE
      : { ...PLAIN_ESTIMATE, expectedMs, isForced };
  }
  const reserve = amountsOf(cost, PLAIN_ESTIMATE.reserve, `Cannot start task "${key}"`, "cost.");
  return {
    reserve,
    unknown: PLAIN_ESTIMATE.unknown.filter((unit) => cost[unit] === undefined),
    bounded: UNITS.filter((unit) => cost[unit] !== undefined && reserve[unit] > 0),
    expectedMs,
    isForced,
    costClass: classOf(reserve.tokens) + 256 * classOf(reserve.usd),
  };
}

/** Four classes to each doubling. */
function classOf(amount: number): number {
  return amount === 0 ? 0 : 1 + Math.floor(Math.log2(amount) * 4);
}
