/** Tasks that wait for a budget when nothing else of their run can move: nobody ends any more who could make room. */
import { startOutOfTurn, waitsAt } from "../limits/start-waiting.ts";
import type { TaskRecord } from "../task-record.ts";
import { OpenAccount } from "./open-account.ts";

/**
 * Starts one that fits but stands behind others that do not, or else skips the last that does not fit. Returns whether the run can
 * move again: it can also where attempts of other runs, which pay from the same budget, may still make room.
 */
export function freeBudget(waiting: readonly TaskRecord[]): boolean {
  const payers = waiting.filter((record) => accountsOf(record).length > 0);
  if (payers.some((record) => record.queued && startOutOfTurn(record))) {
    return true;
  }
  const held = payers.filter((record) => waitsAt(record, "budget"));
  const last = held.at(-1);
  if (last === undefined) {
    return false;
  }
  if (
    !held.some((record) =>
      accountsOf(record).some(({ budget }) => budget.isUsedBeside(record.owner)),
    )
  ) {
    for (const account of accountsOf(last)) {
      const because = account.refusal(last.estimate);
      if (because !== undefined) {
        last.owner.refuse(last, because);
        break;
      }
    }
  }
  return true;
}

/** The accounts at which a task waits. */
function accountsOf({ limits }: TaskRecord): readonly OpenAccount[] {
  return limits.flatMap(({ gate }) => (gate instanceof OpenAccount ? [gate] : []));
}
