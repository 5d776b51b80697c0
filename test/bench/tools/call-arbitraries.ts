/** Random calls. */
import fc from "fast-check";
import type { Kind } from "../../../bench/tools/baselines.ts";
import type { Claims, Edge } from "../../../bench/tools/call.ts";

const NAMES = ["db:a", "db:b", "db:c", "db:a/x", "db:a/y", "db:b/x"];

/** Up to `most` calls with claims on few resources, some of them above others. */
export function claimsOfCalls(most: number): fc.Arbitrary<readonly Claims[]> {
  const names = fc.subarray(NAMES, { maxLength: 2 });
  return fc.array(fc.record({ reads: names, writes: names }), { maxLength: most });
}

/** Up to `most` calls that read or write. */
export function kindsOfCalls(most: number): fc.Arbitrary<readonly Kind[]> {
  return fc.array(fc.constantFrom<Kind>("r", "w"), { maxLength: most });
}

/** Any of the pairs of so many calls. */
export function edgesOf(count: number): fc.Arbitrary<readonly Edge[]> {
  const pairs = Array.from({ length: count }, (_, later) =>
    Array.from({ length: later }, (__, earlier): Edge => [earlier, later]),
  );
  return fc.subarray(pairs.flat());
}
