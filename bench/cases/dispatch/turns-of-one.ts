/** Turns of 1 call. */
import { makeTurns, type Turns } from "./turns.ts";

export function makeInput(size: number): Turns {
  return makeTurns(size, 1);
}
