/** Which calls conflict by their claims, by looking at every pair: an independent account of what the kernel does with a table. */
import { covers, resourceName } from "../../src/core/resource.ts";
import type { Claims, Edge } from "./call.ts";

/** What declarations get wrong. */
export interface Mistakes {
  /** True conflicts that they do not order, by whatever detour. */
  readonly missed: readonly Edge[];
  /** Pairs that they order and that nothing asks for, by whatever detour. */
  readonly needless: readonly Edge[];
}

/** All pairs that must not overlap: they name the same resource or one above the other, and one of them writes. */
export function conflictsOf(calls: readonly Claims[]): readonly Edge[] {
  const named = calls.map(({ reads, writes }) => ({
    reads: reads.map(resourceName),
    writes: writes.map(resourceName),
  }));
  return named.flatMap((later, j) =>
    named.slice(0, j).flatMap((earlier, i): readonly Edge[] => {
      const meet =
        touch(earlier.writes, later.writes) ||
        touch(earlier.writes, later.reads) ||
        touch(earlier.reads, later.writes);
      return meet ? [[i, j]] : [];
    }),
  );
}

/** Compares what is ordered by declarations with what has to be. */
export function mistakesOf(
  size: number,
  truth: readonly Edge[],
  declared: readonly Edge[],
): Mistakes {
  const isDeclared = closureOf(size, declared);
  const isTrue = closureOf(size, truth);
  return {
    missed: truth.filter(([i, j]) => isDeclared[i]?.[j] !== true),
    needless: declared.filter(([i, j]) => isTrue[i]?.[j] !== true),
  };
}

function touch(some: readonly string[], others: readonly string[]): boolean {
  return some.some((a) => others.some((b) => covers(a, b) || covers(b, a)));
}

/** What comes after what by any number of edges (Warshall, "A theorem on Boolean matrices", 1962). */
function closureOf(size: number, edges: readonly Edge[]): readonly (readonly boolean[])[] {
  const reaches = Array.from({ length: size }, () => Array.from({ length: size }, () => false));
  for (const [i, j] of edges) {
    (reaches[i] ?? [])[j] = true;
  }
  for (let via = 0; via < size; via += 1) {
    for (const row of reaches) {
      if (row[via] === true) {
        for (let to = 0; to < size; to += 1) {
          row[to] ||= reaches[via]?.[to] === true;
        }
      }
    }
  }
  return reaches;
}
