/** Units of limits that somebody holds. */
import type { Limit } from "./limit.ts";

/** Somebody who may hold units of limits. A flag, not an object for each attempt: a tenth of the garbage of one. */
export interface SlotHolder {
  readonly limits: readonly Limit[];
  readonly weight: number;
  /** Whether the units are charged to it. */
  holdsSlots: boolean;
}

const NO_LIMITS: readonly Limit[] = [];

/** Gives back what is held, if anything is. The caller calls {@link startWaiting} with the limits returned. */
export function giveSlots(holder: SlotHolder): readonly Limit[] {
  if (!holder.holdsSlots) {
    return NO_LIMITS;
  }
  holder.holdsSlots = false;
  const { limits, weight } = holder;
  // By number, as wherever limits are walked: the steps of an iterator are half of what this costs until it is compiled.
  for (let at = 0; at < limits.length; at += 1) {
    limits[at]?.give(weight);
  }
  return limits;
}
