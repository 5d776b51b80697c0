/** The table of claims without a kernel around it. */
import { ClaimTable, type Claim, type ClaimTicket } from "../../../src/core/claim-table.ts";
import { parseResource } from "../../../src/core/resource.ts";
import type { ClaimingTask } from "./input.ts";

/** The claims of each task, parsed. */
export type PreparedClaims = readonly (readonly Claim[])[];

/** Parses the claims. Not measured. */
export function makeClaims(tasks: readonly ClaimingTask[]): PreparedClaims {
  return tasks.map(({ reads, writes }) => [
    { segments: parseResource(writes), mode: "write" },
    { segments: parseResource(reads), mode: "read" },
  ]);
}

/** Enters all claims in a new table. */
export function addAll(claims: PreparedClaims): readonly ClaimTicket<{ readonly index: number }>[] {
  const table = new ClaimTable<{ readonly index: number }>({
    precedes: (a, b) => a.index < b.index,
    onClear: () => undefined,
  });
  return claims.map((each, index) => table.add({ index }, each));
}
