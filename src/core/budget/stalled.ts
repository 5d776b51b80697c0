/** Tasks that wait for a budget when nothing else of their run can move: nobody ends any more who could make room. */
import { startOutOfTurn } from "../limits/start-waiting.ts";
import { waitsAt } from "../limits/turns.ts";
import type { TaskRecord } from "../task-record.ts";
import { OpenAccount } from "./open-account.ts";

/** What came of an attempt to free a budget: something, nothing, or that other runs may still make room. */
export type Freed = "something" | "nothing" | "by others";

/**
 * Starts one that fits but stands behind others that do not, or else skips the last that does not fit: where no attempts of other runs,
 * which pay from the same budget and are not stuck as well, may still make room.
 */
export function freeBudget(waiting: readonly TaskRecord[]): Freed {
  const payers = waiting.filter((record) => accountsOf(record).length > 0);
  if (payers.some((record) => record.queued && startOutOfTurn(record))) {
    return "something";
  }
  const held = payers.filter((record) => waitsAt(record, "budget"));
  const last = held.at(-1);
  if (last === undefined) {
    return "nothing";
  }
  if (
    held.some((record) =>
      accountsOf(record).some(({ budget }) => budget.isUsedBeside(record.owner)),
    )
  ) {
    return "by others";
  }
  for (const account of accountsOf(last)) {
    const because = account.refusal(last.estimate);
    if (because !== undefined) {
      last.owner.refuse(last, because);
      break;
    }
  }
  return "something";
}

/** The accounts at which a task waits. */
function accountsOf({ limits }: TaskRecord): readonly OpenAccount[] {
  return limits.flatMap(({ gate }) => (gate instanceof OpenAccount ? [gate] : []));
}
