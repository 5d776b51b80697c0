/** Why something failed, in one line with its causes: that a request failed says nothing of why. */
import { CommandError } from "../../system/command-error.ts";
import { causesOf } from "../../tools/result-text.ts";

export function reasonOf(error: unknown): string {
  // That a command could not be started says it all.
  return CommandError.isInstance(error)
    ? error.message
    : causesOf(error).replaceAll("\nCaused by: ", ": ");
}
