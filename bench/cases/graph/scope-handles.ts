/** `scope.start` with handles to come after: the graph is made as it is started. */
import { scope, type TaskHandle } from "../../../src/index.ts";
import type { Node } from "./input.ts";

export async function run(nodes: readonly Node[], limit: number): Promise<number> {
  return await scope(
    (s) => {
      const handles = new Map<string, TaskHandle<number>>();
      for (const { key, task, after } of nodes) {
        const before = after.flatMap((each) => handles.get(each) ?? []);
        handles.set(key, s.start(key, { after: before, run: task }));
      }
      return handles.size;
    },
    { limit },
  );
}
