/** Tools that touch nothing shared, with whatever arguments came. */
import { runTurns } from "./run-turns.ts";
import { measure, type Measured, type Turns } from "./turns.ts";

export async function run(turns: Turns, limit: number): Promise<number> {
  const tool = {
    name: "measure",
    parallel: true,
    run: (input: unknown) => measure(input as Measured),
  };
  return await runTurns(tool, turns, limit);
}
