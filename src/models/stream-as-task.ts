/** A stream whose task lasts as long as somebody reads it. */
import type { TaskContext } from "../core/task.ts";
import { promiseAndHands } from "../core/promise-and-hands.ts";
import type { ModelPart, ModelResponse } from "./model.ts";
import { untilAborted } from "../core/until-aborted.ts";

/** How a stream is opened, and run as a task. */
export interface StreamTask {
  open(ctx: TaskContext): AsyncGenerator<ModelPart, void, undefined>;
  /** Runs `call` as a task, again as long as it fails and `mayRepeat` allows it. */
  run(
    mayRepeat: () => boolean,
    call: (ctx: TaskContext) => Promise<ModelResponse | undefined>,
  ): Promise<unknown>;
}

/** A stream that has begun. */
interface Begun {
  readonly parts: AsyncGenerator<ModelPart, void, undefined>;
  readonly first: IteratorResult<ModelPart, void>;
}

/**
 * The parts of a stream. Its task begins with the first of them, holds what it took (slots, a reservation) until the last has been read or
 * nobody reads any more, and ends as the stream does. It is not repeated once a part has been handed on.
 */
export async function* streamAsTask(
  signal: AbortSignal,
  { open, run }: StreamTask,
): AsyncGenerator<ModelPart, void, undefined> {
  const begun = promiseAndHands<Begun>();
  const read = promiseAndHands<ModelResponse | undefined>();
  let isHandedOn = false;
  const task = run(
    () => !isHandedOn,
    async (ctx) => {
      const parts = open(ctx);
      const first = await parts.next();
      isHandedOn = true;
      begun.resolve({ parts, first });
      return await untilAborted(ctx.signal, read.promise);
    },
  );
  task.catch(begun.reject);
  const { parts, first } = await begun.promise;
  let response: ModelResponse | undefined;
  try {
    for (let part = first; part.done !== true; part = await parts.next()) {
      response = part.value.type === "finish" ? part.value.response : undefined;
      yield part.value;
    }
  } catch (error) {
    read.reject(error);
    throw signal.aborted ? signal.reason : error;
  } finally {
    await parts.return();
    read.resolve(response);
    // Its failure is that of the stream, which the reader has seen.
    await task.catch(() => undefined);
  }
}
