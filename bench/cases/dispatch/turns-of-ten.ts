/** Turns of 10 calls. */
import { makeTurns, type Turns } from "./turns.ts";

export function makeInput(size: number): Turns {
  return makeTurns(size, 10);
}
