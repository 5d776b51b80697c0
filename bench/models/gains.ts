/** What calling tools while the model still writes gains, turn by turn. */
import { mean, quantile } from "../support/statistics.ts";

/** What many turns gain of one way over another. */
export interface Gains {
  /** In milliseconds. */
  readonly medianMs: number;
  readonly p95Ms: number;
  /** As a part of the turn without, from 0 to 1. */
  readonly medianPart: number;
  readonly p95Part: number;
  /** Which part of the turns gains nothing, and which loses. */
  readonly none: number;
  readonly slower: number;
  /** The most that a turn loses, as a part of it: 0 where none does. */
  readonly worstPart: number;
}

/** Less than that is rounding. */
const NOTHING_MS = 1e-6;

/** Compares turn by turn: how long each takes without, and with. */
export function gainsOf(
  turns: readonly { readonly withoutMs: number; readonly withMs: number }[],
): Gains {
  const gains = turns.map(({ withoutMs, withMs }) => withoutMs - withMs);
  const parts = turns.map(({ withoutMs, withMs }) => (withoutMs - withMs) / withoutMs);
  const part = (is: (gain: number) => boolean): number =>
    mean(gains.map((gain) => (is(gain) ? 1 : 0)));
  const slower = part((gain) => gain < -NOTHING_MS);
  return {
    medianMs: quantile(gains, 0.5),
    p95Ms: quantile(gains, 0.95),
    medianPart: quantile(parts, 0.5),
    p95Part: quantile(parts, 0.95),
    none: part((gain) => Math.abs(gain) <= NOTHING_MS),
    slower,
    worstPart: slower === 0 ? 0 : -Math.min(...parts),
  };
}
