/** Tools that write one record each, with whatever arguments came. */
import { runTurns } from "./run-turns.ts";
import { measure, type Measured, type Turns } from "./turns.ts";

export async function run(turns: Turns, limit: number): Promise<number> {
  const tool = {
    name: "measure",
    writes: (input: unknown) => `db:${(input as Measured).path}`,
    run: (input: unknown) => measure(input as Measured),
  };
  return await runTurns(tool, turns, limit);
}
