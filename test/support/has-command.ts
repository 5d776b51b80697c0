/** Asks whether a program is on the PATH, so that a test can be skipped by name where it is missing. */
import { findProgram } from "../../src/system/find-program.ts";

/**
 * Use as `test.skipIf(!hasCommand("tmux"))`.
 *
 * @throws Error - when the program is missing and `CI` is set: a skipped test would go unnoticed there
 */
export function hasCommand(name: string): boolean {
  const found = findProgram(name) !== undefined;
  if (!found && process.env["CI"] === "true") {
    throw new Error(`Cannot test without the program "${name}" on the PATH when CI is set`);
  }
  return found;
}
