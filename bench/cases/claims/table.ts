/** The table of claims without a kernel around it. */
import { ClaimTable, type Claims, type ClaimTicket } from "../../../src/core/claim-table.ts";
import { resourceName } from "../../../src/core/resource.ts";
import type { ClaimingTask } from "./input.ts";

/** The claims of each task. */
export type PreparedClaims = readonly Claims[];

/** Checks the names. Not measured. */
export function makeClaims(tasks: readonly ClaimingTask[]): PreparedClaims {
  return tasks.map(({ reads, writes }) => ({
    reads: [resourceName(reads)],
    writes: [resourceName(writes)],
  }));
}

/** Enters all claims in a new table. */
export function addAll(claims: PreparedClaims): readonly ClaimTicket<{ readonly index: number }>[] {
  const table = new ClaimTable<{ readonly index: number }>({
    precedes: (a, b) => a.index < b.index,
    onClear: () => undefined,
  });
  return claims.map((each, index) => table.add({ index }, each));
}
