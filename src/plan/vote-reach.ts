/** Votes that a rule asks for and that there cannot be: it would be paid for in vain. */
import type { RuleEntry } from "./model-settings.ts";
import type { DataPath } from "./source.ts";

/** A number of a rule that is out of reach. */
export interface OutOfReach {
  readonly needed: number;
  /** Where it stands in the rule. */
  readonly path: DataPath;
}

/**
 * What of a rule nobody can reach with so many votes, none of which counts more than one. Rules without such a number, and those that
 * fall back to the most votes (`lead`, `window`, `beta`), can be reached.
 */
export function outOfReach(rule: RuleEntry, votes: number): readonly OutOfReach[] {
  return neededBy(rule).filter(({ needed }) => needed > votes);
}

function neededBy(rule: RuleEntry): readonly OutOfReach[] {
  if (typeof rule !== "object") {
    return [];
  }
  if ("threshold" in rule) {
    return [{ needed: rule.threshold, path: ["threshold"] }];
  }
  return "thresholds" in rule
    ? Object.entries(rule.thresholds).map(([answer, needed]) => ({
        needed,
        path: ["thresholds", answer],
      }))
    : [];
}
