/** What work costs, in whole numbers, so that sums are exact: money is counted in billionths, as ten times 0.1 must be 1. */
import type { Cost } from "../task.ts";

/** What can be counted. */
export const UNITS = ["usd", "tokens", "calls"] as const;

/** Something that can be counted. */
export type Unit = (typeof UNITS)[number];

/** A whole number of each unit; of money, of billionths. */
export type Amounts = Readonly<Record<Unit, number>>;

/** Nothing of anything. */
export const NOTHING: Amounts = { usd: 0, tokens: 0, calls: 0 };

const BILLION = 1e9;

/**
 * Reads what a user says of costs; what is absent is as in `absent`.
 *
 * @throws `RangeError` when a number is not finite, or not from 0.
 */
export function amountsOf(cost: Cost, absent: Amounts, action: string, prefix = ""): Amounts {
  return { ...absent, ...givenAmounts(cost, action, prefix) };
}

/**
 * Reads what a user says of costs: only the units that are given.
 *
 * @throws `RangeError` when a number is not finite, or not from 0.
 */
export function givenAmounts(cost: Cost, action: string, prefix = ""): Partial<Amounts> {
  const given: Partial<Record<Unit, number>> = {};
  for (const unit of UNITS) {
    const value = cost[unit];
    if (value !== undefined) {
      if (!(Number.isFinite(value) && value >= 0)) {
        throw new RangeError(
          `${action} as "${prefix}${unit}" must be a finite number from 0: ${String(value)}`,
        );
      }
      given[unit] = unit === "usd" ? Math.round(value * BILLION) : Math.ceil(value);
    }
  }
  return given;
}

/** An amount as a user says it. */
export function spoken(unit: Unit, amount: number): number {
  return unit === "usd" ? amount / BILLION : amount;
}

/** Amounts as a user says them. */
export function costOf(amounts: Amounts): Record<Unit, number> {
  return {
    usd: spoken("usd", amounts.usd),
    tokens: spoken("tokens", amounts.tokens),
    calls: spoken("calls", amounts.calls),
  };
}
