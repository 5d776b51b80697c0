/** What the patterns of `fanfold/models` take beside calls made by hand, with the latencies of real model endpoints on the virtual clock. */
import { printAgents } from "./models/agents.ts";
import { condenseContest } from "./models/condensing.ts";
import { endpointsOf } from "./models/replies.ts";
import { printContest, type Contest } from "./models/taken.ts";
import { bestAnswerContest, consensusContest, warmConsensusContest } from "./models/voting.ts";
import {
  aspectsContest,
  sectionsContest,
  warmAspectsContest,
  warmSectionsContest,
} from "./models/writing.ts";
import type { Benchmark } from "./support/benchmark.ts";
import { readRequests, tracePath } from "./support/endpoints.ts";
import { printTitle } from "./support/table.ts";

const CONTESTS: Readonly<Record<string, Contest>> = {
  "Eight sections and their synthesis": sectionsContest,
  "Four aspects": aspectsContest,
  "Votes of 9, right with a chance of 0.9": consensusContest(0.9),
  "Votes of 9, right with a chance of 0.6": consensusContest(0.6),
  "The best of 5 answers, each judged": bestAnswerContest,
  "Forty documents, condensed": condenseContest,
  "Eight sections of an input of 8,000 tokens, warmed up": warmSectionsContest,
  "Four aspects of an input of 8,000 tokens, warmed up": warmAspectsContest,
  "Votes of 9 on an input of 8,000 tokens, right with a chance of 0.9, warmed up":
    warmConsensusContest,
};

export const models: Benchmark = {
  name: "models",
  async run({ isSmoke }) {
    const endpoints = endpointsOf(readRequests() ?? []).slice(0, isSmoke ? 1 : Infinity);
    if (endpoints.length === 0) {
      printTitle("Patterns of model calls at real endpoints");
      console.log(
        `Skipped, as there are no traces at ${tracePath}; FANFOLD_DATA names their folder`,
      );
      return;
    }
    const runs = isSmoke ? 1 : 20;
    for (const [title, contest] of Object.entries(CONTESTS)) {
      printTitle(
        `${title}: ${runs} runs at each of ${endpoints.length} endpoints, times the endpoint's median call`,
      );
      await printContest(contest, { endpoints, runs });
    }
    await printAgents(endpoints, isSmoke ? 1 : 200);
  },
};
