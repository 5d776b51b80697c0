/** Work inside a task that keeps its slots meanwhile. */
import { recordOf } from "../core/task-context.ts";
import type { TaskContext } from "../core/task.ts";
import { waitForInside } from "../core/waits.ts";
import { promiseAndHands } from "../core/promise-and-hands.ts";
import { valueOf } from "../core/start-task.ts";
import { untilAborted } from "../core/until-aborted.ts";
import { settle } from "../patterns/settle.ts";

/**
 * Runs `body` as a task inside that of `ctx`, which keeps its slots until that has ended: awaited, it would lend them, and a hundred tasks would be
 * under way where a limit allows four. Whatever `body` starts must not need the same slots.
 */
export async function keepSlots<T>(
  ctx: TaskContext,
  body: (inner: TaskContext) => Promise<T>,
): Promise<T> {
  const { kernel, record } = recordOf(ctx);
  const { promise, resolve, reject } = promiseAndHands<T>();
  ctx.start("calls", async (inner) => {
    try {
      // A failure inside is for the task to judge: by itself it stops nobody.
      const { calls } = await settle({ calls: body }, { within: inner });
      resolve(valueOf(calls));
    } catch (error) {
      reject(error);
    }
  });
  waitForInside(kernel, record);
  queueMicrotask(() => kernel.checkStalled()); // That nothing can move shows only when the code that runs now has ended.
  return await untilAborted(ctx.signal, promise);
}
