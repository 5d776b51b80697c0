/** How long the calls of a response take, by what is known of what they touch, with calls that agents really made, on the virtual clock. */
import type { Benchmark } from "./support/benchmark.ts";
import { printTitle } from "./support/table.ts";
import { printMistakes, printWays } from "./tools/contest.ts";
import { printReferences } from "./tools/references.ts";
import { learningCalls, nestedCalls, replayOfRetail, replayOfSimulators } from "./tools/replays.ts";
import { readTraces, tracesPath } from "./tools/traces.ts";

export const tools: Benchmark = {
  name: "tools",
  async run({ isSmoke }) {
    const most = isSmoke ? 3 : Infinity;
    const retail = readTraces("tau_retail_tasks_test_groundtruth.jsonl")?.slice(0, most);
    const simulators = readTraces("bfcl_multi_turn_base_turn.jsonl")?.slice(0, most);
    const nested = readTraces("nestful_dag.jsonl")?.slice(0, most);
    if (retail === undefined || simulators === undefined || nested === undefined) {
      printTitle("Tool calls of real agents");
      console.log(
        `Skipped, as there are no traces at ${tracesPath}; FANFOLD_DATA names their folder`,
      );
      return;
    }
    const tasks = retail.map(replayOfRetail);
    printTitle(
      `Calls of ${tasks.length} retail tasks: how many times as fast as one after another`,
    );
    await printWays(tasks, {
      exact: ["recorded, a scan reads all below", "recorded, a scan of all reads keys"],
    });
    printTitle("What their claims miss");
    printMistakes(tasks);
    const turns = simulators.map(replayOfSimulators);
    printTitle(
      `Calls of ${turns.length} turns with simulators: how many times as fast as one after another`,
    );
    await printWays(turns, { exact: ["recorded conflicts"] });
    printTitle("What their claims miss");
    printMistakes(turns);
    printTitle(
      "Calls that use results of others of the response: how many times as fast as one after another",
    );
    await printReferences({
      "retail tasks, with their claims": retail.map(learningCalls),
      NESTFUL: nested.map(nestedCalls),
    });
  },
};
