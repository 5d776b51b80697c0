/** How many samples and rounds votes take by each rule, and how often they are right. */
import { beta, lead, majority, threshold, unanimous, window } from "../src/index.ts";
import type { Benchmark } from "./support/benchmark.ts";
import { seeded } from "./support/random.ts";
import { printTitle } from "./support/table.ts";
import { printVotes } from "./vote/contest.ts";
import { drawnQuestions } from "./vote/drawn.ts";
import { answersPath, recordedQuestions } from "./vote/recorded.ts";
import { printSearches } from "./vote/search.ts";

/** As many as in the papers of `beta` and `window`. */
const OF = 40;

const RULES = {
  "majority()": majority(),
  "beta({ confidence: 0.95 })": beta(),
  "window(5)": window(5),
  "lead(3)": lead(3),
  "threshold(5)": threshold(5),
  "unanimous()": unanimous(),
};

export const votes: Benchmark = {
  name: "vote",
  async run({ isSmoke }) {
    for (const chance of isSmoke ? [0.7] : [0.9, 0.6, 0.3]) {
      printTitle(`Votes of ${OF}, where a sample is right with a chance of ${chance}, mean`);
      const size = { questions: isSmoke ? 2 : 200, answers: OF, chance };
      await printVotes(drawnQuestions(seeded(1), size), OF, RULES);
    }
    printTitle(`Votes of ${OF} on recorded answers to the Game of 24, mean`);
    const recorded = recordedQuestions()?.slice(0, isSmoke ? 2 : Infinity);
    if (recorded === undefined) {
      console.log(
        `Skipped, as there are no answers at ${answersPath}; FANFOLD_DATA names their folder`,
      );
      return;
    }
    await printVotes(recorded, OF, RULES);
    printTitle("The first valid of 100 recorded answers, mean");
    await printSearches(recorded, [1, 2, 4, 8]);
  },
};
