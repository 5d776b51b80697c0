/** Turns through a toolbox, one after the other. */
import { toolbox, type Tool } from "../../../src/tools/index.ts";
import type { Turns } from "./turns.ts";

/** Runs them and returns how many calls completed. */
export async function runTurns(tool: Tool, turns: Turns, limit: number): Promise<number> {
  const tools = toolbox([tool], { limit });
  let count = 0;
  for (const calls of turns) {
    const results = await tools.run(calls);
    count += results.filter(({ status }) => status === "completed").length;
  }
  return count;
}
