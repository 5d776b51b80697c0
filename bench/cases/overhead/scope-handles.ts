/** `scope.start` for each function, with all handles collected and awaited where a peer's promises are. */
import { scope } from "../../../src/index.ts";
import type { NoOperation } from "./input.ts";

export async function run(functions: readonly NoOperation[], limit: number): Promise<number> {
  return await scope(
    async (s) => {
      const handles = functions.map((task, index) => s.start(String(index), task));
      const results = await Promise.all(handles);
      return results.length;
    },
    { limit },
  );
}
