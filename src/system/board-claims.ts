/** What processes claim of each other, and which claims conflict. */
import { covers, resourceName } from "../core/resource.ts";

/** What is claimed: names of resources, as tasks claim them. */
export interface BoardClaims {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}

/** Whether two claims cannot stand beside each other. */
export function conflict(a: BoardClaims, b: BoardClaims): boolean {
  return overlap(a.writes, b.writes) || overlap(a.writes, b.reads) || overlap(a.reads, b.writes);
}

function overlap(some: readonly string[], others: readonly string[]): boolean {
  const names = others.map(resourceName);
  return some.map(resourceName).some((a) => names.some((b) => covers(a, b) || covers(b, a)));
}
