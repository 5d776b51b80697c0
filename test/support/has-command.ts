/** Asks whether a program is on the PATH, so that a test can be skipped by name where it is missing. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * Use as `test.skipIf(!hasCommand("tmux"))`.
 *
 * @throws Error - when the program is missing and `CI` is set: a skipped test would go unnoticed there
 */
export function hasCommand(name: string): boolean {
  const found = (process.env["PATH"] ?? "")
    .split(delimiter)
    .some((folder) => isExecutable(join(folder, name)));
  if (!found && process.env["CI"] === "true") {
    throw new Error(`Cannot test without the program "${name}" on the PATH when CI is set`);
  }
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
