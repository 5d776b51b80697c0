/** Runs of patterns at a service of their own. */
import type { Model, ModelRequest } from "../../src/models/index.ts";
import { virtualClock, type VirtualClock } from "../../src/testing/index.ts";
import type { Reply } from "./replies.ts";
import { service, type TimedAnswer } from "./service.ts";
import type { Taken } from "./taken.ts";

/** A run under way: whom it asks, and by which clock. */
export interface Making {
  readonly model: Model;
  readonly clock: VirtualClock;
}

/** Makes a run on a clock of its own, which begins at 0. */
export async function made(
  answer: (request: ModelRequest, index: number) => TimedAnswer,
  run: (making: Making) => PromiseLike<unknown>,
  { hasCache = true }: { readonly hasCache?: boolean } = {},
): Promise<Taken> {
  const clock = virtualClock();
  const { model, spent } = service(clock, answer, { hasCache });
  await run({ model, clock });
  return { ...spent, ms: clock.now() };
}

/** Reply number `index`. */
export function replyAt(replies: readonly Reply[], index: number): Reply {
  const reply = replies[index];
  if (reply === undefined) {
    throw new RangeError(`Cannot answer as there are only ${replies.length} replies: ${index}`);
  }
  return reply;
}

/** Some text of so many tokens. */
export function textOf(tokens: number): string {
  return "abc ".repeat(tokens);
}

/** How long some replies took. */
export function durations(replies: readonly Reply[], from: number, to: number): readonly number[] {
  return replies.slice(from, to).map(({ durationMs }) => durationMs);
}
