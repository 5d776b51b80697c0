/** `scope.start` for each function; the scope itself waits for all of them. */
import { scope } from "../../../src/index.ts";
import type { NoOperation } from "./input.ts";

export async function run(functions: readonly NoOperation[], limit: number): Promise<number> {
  return await scope(
    (s) => {
      for (const [index, task] of functions.entries()) {
        s.start(String(index), task);
      }
      return functions.length;
    },
    { limit },
  );
}
