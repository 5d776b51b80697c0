/** Turns of a model with calls of one tool, which does nothing but look at its argument: what is left is overhead. */
import { z } from "zod";
import type { ToolCall } from "../../../src/tools/index.ts";

/** The calls of each turn. */
export type Turns = readonly (readonly ToolCall[])[];

/** Turns of so many calls, `size` calls in all. Each names a file of its own in its turn. */
export function makeTurns(size: number, callsOfTurn: number): Turns {
  return Array.from({ length: size / callsOfTurn }, (_, turn) =>
    Array.from({ length: callsOfTurn }, (__, call) => ({
      id: `call_${turn}_${call}`,
      name: "measure",
      input: { path: `src/${call % 97}/${call}.ts` },
    })),
  );
}

/** What the tool takes. */
export interface Measured {
  readonly path: string;
}

/** The same for the runtime. */
export const measured = z.object({ path: z.string() });

/** What the tool does. */
export async function measure({ path }: Measured): Promise<number> {
  return path.length;
}
