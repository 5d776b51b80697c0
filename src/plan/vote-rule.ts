/** Rules of votes, as a plan names them. */
import { thresholds } from "../models/thresholds.ts";
import { beta } from "../patterns/rules/beta.ts";
import { lead } from "../patterns/rules/lead.ts";
import { majority } from "../patterns/rules/majority.ts";
import type { VoteKey, VoteRule } from "../patterns/rules/rule.ts";
import { threshold } from "../patterns/rules/threshold.ts";
import { unanimous } from "../patterns/rules/unanimous.ts";
import { window } from "../patterns/rules/window.ts";
import type { RuleEntry } from "./model-settings.ts";

/** The rule that an entry names. `keyOf` makes of an answer in the plan what votes are told apart by. */
export function voteRule(entry: RuleEntry, keyOf: (answer: string) => VoteKey): VoteRule {
  if (entry === "majority") {
    return majority();
  }
  if (entry === "unanimous") {
    return unanimous();
  }
  if ("threshold" in entry) {
    return threshold(entry.threshold);
  }
  if ("lead" in entry) {
    return lead(entry.lead);
  }
  if ("window" in entry) {
    return window(entry.window);
  }
  if ("beta" in entry) {
    return beta({ confidence: entry.beta });
  }
  return thresholds(
    Object.entries(entry.thresholds).map(([answer, votes]) => ({
      answer: keyOf(answer),
      votes,
    })),
  );
}
