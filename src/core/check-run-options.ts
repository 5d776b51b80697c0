/** Checks the options of a run where no types do: a misspelt one must not go unseen, least of all a limit. */
import type { RunOptions } from "./run-options.ts";

/** Names that somebody may write who means an option, as other packages have them, and which option that is. Objects may have fields of their own. */
const NEAR_MISSES: Readonly<Record<string, keyof RunOptions>> = {
  concurrency: "limit",
  maxConcurrency: "limit",
  limits: "limit",
  budgets: "budget",
  timeout: "timeoutMs",
  deadline: "deadlineMs",
  grace: "graceMs",
  aging: "agingMs",
  abortSignal: "signal",
  stopOnError: "failure",
};

/**
 * Checks options, before anything happens.
 *
 * @throws `TypeError` for what is no object, and for a name that is nearly an option; `RangeError` for a word that its option does not know.
 */
export function checkRunOptions(options: RunOptions): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`Cannot run as options must be an object: ${String(options)}`);
  }
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && Object.hasOwn(NEAR_MISSES, name)) {
      throw new TypeError(
        `Cannot run as there is no option "${name}": "${NEAR_MISSES[name]}" is probably meant`,
      );
    }
  }
  checkWord("failure", options.failure, ["stop", "continue"]);
  checkWord("onAbandon", options.onAbandon, ["release", "hold"]);
  checkWord("report", options.report, ["totals", "full"]);
}

function checkWord(name: string, word: string | undefined, words: readonly string[]): void {
  if (word !== undefined && !words.includes(word)) {
    throw new RangeError(`Cannot run as "${name}" must be "${words.join('" or "')}": ${word}`);
  }
}
