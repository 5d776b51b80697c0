/** Which claims lie outside of others. */
import type { Claims } from "./claim-table.ts";
import { covers } from "./resource.ts";

/** The first claim of `inner` that none of `outer` covers, writes before reads: a write lies within a write, a read within either. */
export function claimOutside(
  inner: Claims,
  outer: Claims,
): { readonly verb: "reads" | "writes"; readonly name: string } | undefined {
  const written = firstOutside(inner.writes, outer.writes);
  if (written !== undefined) {
    return { verb: "writes", name: written };
  }
  const read = firstOutside(inner.reads, [...outer.reads, ...outer.writes]);
  return read === undefined ? undefined : { verb: "reads", name: read };
}

function firstOutside(names: readonly string[], outer: readonly string[]): string | undefined {
  const same = new Set(outer); // Nearly always all of them are there, word for word.
  return names.find((name) => !same.has(name) && !outer.some((each) => covers(each, name)));
}
