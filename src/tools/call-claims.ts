/** What a call claims, from the declarations of its tool and its arguments. */
import { resolve } from "node:path";
import { covers, resourceName } from "../core/resource.ts";
import { isThenable } from "../core/thenable.ts";
import { escapePath, fileResource } from "../system/file-resource.ts";
import { isConstantClaim } from "./constant-claim.ts";
import { declared } from "./declaration-error.ts";
import type { Tool } from "./tool.ts";

/** What a call claims. */
export interface CallClaims {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** Whether it runs alone, also where nobody else claims anything. */
  readonly exclusive: boolean;
}

const NOTHING: CallClaims = { reads: [], writes: [], exclusive: false };
const ALONE: CallClaims = { reads: [], writes: [], exclusive: true };
const READS_ALL: CallClaims = { reads: ["*"], writes: [], exclusive: false };
const WRITES_ALL: CallClaims = { reads: [], writes: ["*"], exclusive: false };

/** The name of a resource: its kind, and which of that kind. A single letter is the drive of a path. */
export const RESOURCE = /^[A-Za-z][A-Za-z0-9+.-]+:./;

/**
 * The claim of a file or folder, whatever signs are in its path: `#` and `%` mean something in the name of a resource.
 *
 * @example
 * ```ts
 * import { fileClaim } from "fanfold/tools";
 *
 * console.log(fileClaim("notes#1.md"));
 * ```
 */
export function fileClaim(path: string): string {
  return `file:${escapePath(path)}`;
}

/** What every call of a tool claims, whatever its arguments are; undefined where they decide. */
export function fixedClaims({ effect, parallel, reads, writes }: Tool): CallClaims | undefined {
  if (reads !== undefined || writes !== undefined) {
    return undefined;
  }
  if (parallel === undefined) {
    return effect === "read" ? READS_ALL : ALONE;
  }
  return parallel ? NOTHING : ALONE;
}

/** The most that a call can claim whose arguments are not known yet, where `around` is claimed by what it is inside of. */
export function widestClaims(
  tool: Tool,
  { around, root }: { readonly around: CallClaims | undefined; readonly root: string },
): CallClaims {
  const fixed = fixedClaims(tool) ?? constantClaims(tool, root);
  if (fixed !== undefined || around === undefined || around.exclusive) {
    return fixed ?? (tool.writes === undefined ? READS_ALL : WRITES_ALL);
  }
  const { reads, writes } = around;
  return tool.writes === undefined
    ? { reads: [...reads, ...writes], writes: [], exclusive: false }
    : { reads, writes, exclusive: false };
}

/** What every call of a tool claims that has functions for it, each of which says always the same. */
function constantClaims(tool: Tool, root: string): CallClaims | undefined {
  const functions = [tool.reads ?? [], tool.writes ?? []].flat();
  return functions.every(isConstantClaim) ? claimsOf(tool, undefined, root) : undefined;
}

/**
 * What a call claims. Paths are relative to `root`; two spellings of one file are one claim.
 *
 * @throws `DeclarationError` when its functions throw, or declare what is no resource.
 */
export function claimsOf(tool: Tool, input: unknown, root: string): CallClaims {
  const fixed = fixedClaims(tool);
  if (fixed !== undefined) {
    return fixed;
  }
  const { name, reads, writes } = tool;
  const resourcesOf = (names: unknown): readonly string[] => resourcesIn(names, name, root);
  return {
    reads: reads ? declared("reads", () => resourcesOf(tool.reads?.(input))) : [],
    writes: writes ? declared("writes", () => resourcesOf(tool.writes?.(input))) : [],
    exclusive: false,
  };
}

/** What says nothing is no list of nothing: a function that forgets to return must not leave its calls unordered. */
function resourcesIn(names: unknown, tool: string, root: string): readonly string[] {
  if (isThenable(names)) {
    names.then(undefined, () => undefined); // Whatever it comes to, it comes too late.
  }
  return [names].flat().map((name) => resourceOf(tool, name, root));
}

/** Whether two calls must not overlap. */
export function conflict(a: CallClaims, b: CallClaims): boolean {
  return a.exclusive || b.exclusive || meet(a.writes, b) || meet(b.writes, a);
}

function meet(written: readonly string[], { reads, writes }: CallClaims): boolean {
  if (written.length === 0) {
    return false;
  }
  const touched = [...reads, ...writes].map(resourceName);
  return written.some((each) => {
    const name = resourceName(each);
    return touched.some((other) => covers(name, other) || covers(other, name));
  });
}

function resourceOf(tool: string, name: unknown, root: string): string {
  if (typeof name === "string" && name.startsWith("file:")) {
    const [path = "", ...parts] = name.slice("file:".length).split("#");
    const resource = fileResource(resolve(root, unescapePath(path)));
    return [resource, ...parts].join("#");
  }
  if (name === "*" || (typeof name === "string" && RESOURCE.test(name))) {
    return name;
  }
  throw new TypeError(
    `Cannot claim for tool "${tool}" as the name of a resource begins with its kind, as in "file:src/a.ts" or "db:users": ${JSON.stringify(name)}`,
  );
}

/** The other way round from `escapePath`. */
function unescapePath(path: string): string {
  return path.replaceAll("%23", "#").replaceAll("%25", "%");
}
