/** Tools that write one record each, their arguments checked by a schema. */
import { defineTool } from "../../../src/tools/index.ts";
import { runTurns } from "./run-turns.ts";
import { measure, measured, type Turns } from "./turns.ts";

export async function run(turns: Turns, limit: number): Promise<number> {
  const tool = defineTool({
    name: "measure",
    input: measured,
    writes: ({ path }) => `db:${path}`,
    run: measure,
  });
  return await runTurns(tool, turns, limit);
}
