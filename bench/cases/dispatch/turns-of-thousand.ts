/** Turns of 1,000 calls. */
import { makeTurns, type Turns } from "./turns.ts";

export function makeInput(size: number): Turns {
  return makeTurns(size, 1_000);
}
