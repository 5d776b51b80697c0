/** What the calls of a tool declare to the kernel. */
import type { Claims } from "../core/claim-table.ts";
import { limit, type Limit } from "../core/limits/limit.ts";
import { EVERYTHING, resourceName } from "../core/resource.ts";
import { specOf, type TaskSpec } from "../core/task-spec.ts";
import type { CallClaims } from "./call-claims.ts";
import { isIdempotent, type Tool } from "./tool.ts";
import type { ToolboxSettings } from "./toolbox-settings.ts";

/** The limits that tools have by a number. */
export function limitsOf(tools: Iterable<Tool>): ReadonlyMap<Tool, Limit> {
  const limits = new Map<Tool, Limit>();
  for (const tool of tools) {
    if (typeof tool.limit === "number" && tool.limit !== Infinity) {
      limits.set(tool, limit({ name: tool.name, concurrency: tool.limit }));
    }
  }
  return limits;
}

/**
 * What all calls of a toolbox declare, among tasks that declare `defaults`; what is inside of them declares it too.
 *
 * @throws `TypeError` or `RangeError` when an option of the toolbox is invalid.
 */
export function commonSpec(settings: ToolboxSettings, defaults: TaskSpec): TaskSpec {
  const { limits: limit, budgets: budget, timeoutMs, graceMs } = settings;
  const spec = specOf("toolbox", { limit, budget, timeoutMs, graceMs }, defaults);
  return { ...spec, defaults: undefined };
}

/**
 * What the calls of a tool declare besides their claims, where all calls declare `common`.
 *
 * @throws `TypeError` or `RangeError` when a declaration is invalid.
 */
export function callSpec(settings: ToolboxSettings, tool: Tool, common: TaskSpec): TaskSpec {
  const limit = typeof tool.limit === "number" ? settings.ownLimits.get(tool) : tool.limit;
  const { timeoutMs, graceMs, retry, budget, priority, cost } = tool;
  const repeat = isIdempotent(tool) ? retry : undefined;
  const spec = specOf(
    tool.name,
    { limit, timeoutMs, graceMs, retry: repeat, cost, budget, priority },
    common,
  );
  return { ...spec, detached: true };
}

/** The declarations of a call: those of its tool, and its own claims. */
export function withClaims(spec: TaskSpec, claims: CallClaims): TaskSpec {
  const { reads, writes, exclusive } = claims;
  return !exclusive && reads.length === 0 && writes.length === 0
    ? spec
    : { ...spec, claims: tableClaims(claims), exclusive, reads, writes };
}

/** Claims as the kernel's table knows them. */
export function tableClaims({ reads, writes, exclusive }: CallClaims): Claims {
  const written = writes.map(resourceName);
  return {
    reads: reads.map(resourceName),
    writes: exclusive ? [EVERYTHING, ...written] : written,
  };
}
