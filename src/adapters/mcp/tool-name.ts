/** Names under which a model may call tools of MCP servers. */

/** The longest name of a tool. */
const LONGEST = 128;

/** A name with nothing in it that a tool may not have in its name: what else there is becomes `_`, and what is too long is cut. */
export function toolName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_.-]/g, "_").slice(0, LONGEST) || "_";
}

/** The name, or with the first number behind it that makes it one that is not taken. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number += 1) {
    const ending = `_${number}`;
    free = name.slice(0, LONGEST - ending.length) + ending;
  }
  return free;
}
