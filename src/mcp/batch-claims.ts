/** What a batch claims among the servers of a folder: all that its steps do, from its beginning to its end. */
import { resourceName } from "../core/resource.ts";
import type { BoardClaims } from "../system/board-claims.ts";
import { isConstantClaim } from "../tools/constant-claim.ts";
import { findReferences } from "../tools/references.ts";
import type { Tool } from "../tools/tool.ts";
import { isDeclared } from "./run-step.ts";
import type { Batch, Step } from "./step.ts";

/** Everything: what is read or written is not known. */
const ALL = ["*"];

/** The claims of its steps. Where what another step finds decides what one touches, that is everything. */
export function batchClaims(
  { steps }: Batch<string>,
  tools: ReadonlyMap<string, Tool>,
): BoardClaims {
  const all = steps.map((step) => stepClaims(step, tools.get(step.kind)));
  return {
    reads: [...new Set(all.flatMap(({ reads }) => reads))],
    writes: [...new Set(all.flatMap(({ writes }) => writes))],
  };
}

function stepClaims({ kind, fields }: Step<string>, tool: Tool | undefined): BoardClaims {
  if (kind === "run" && !isDeclared(fields)) {
    return { reads: [], writes: ALL };
  }
  const isKnown = !refers(kind === "run" ? [fields["reads"], fields["writes"]] : fields);
  const claimed = (claim: Tool["reads"]): readonly string[] =>
    claim === undefined ? [] : isKnown || isConstantClaim(claim) ? named(claim(fields)) : ALL;
  try {
    return { reads: claimed(tool?.reads), writes: claimed(tool?.writes) };
  } catch {
    return { reads: [], writes: [] }; // The step is refused for the same reason.
  }
}

function refers(value: unknown): boolean {
  return findReferences(value).length > 0;
}

/**
 * Names of resources, but for the servers behind this one: those of another are others.
 *
 * @throws TypeError - when one of the names is none
 */
function named(claimed: string | readonly string[]): readonly string[] {
  const names = typeof claimed === "string" ? [claimed] : claimed;
  names.forEach(resourceName);
  return names.filter((name) => !name.startsWith("mcp:"));
}
