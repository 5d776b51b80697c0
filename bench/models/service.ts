/** A model on the virtual clock that takes as long as an endpoint did, and has a cache of beginnings. */
import type { Model, ModelRequest } from "../../src/models/index.ts";
import { scripted, type VirtualClock } from "../../src/testing/index.ts";
import { cachedTokens, LETTERS, type Prefill } from "./prefix-cache.ts";
import type { Reply } from "./replies.ts";

/** An answer: a text or data, and how long it takes. */
export interface TimedAnswer {
  readonly says: unknown;
  readonly reply: Reply;
}

/** What all requests took that were begun, those that were cancelled included. */
export interface Spent {
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Of those that went in, how many were read from the cache. */
  readonly cachedTokens: number;
}

/** Makes a service, which answers request number `index`, from 0, as `answer` says. */
export function service(
  clock: VirtualClock,
  answer: (request: ModelRequest, index: number) => TimedAnswer,
  { hasCache }: { readonly hasCache: boolean },
): { readonly model: Model; readonly spent: Spent } {
  const prefills: Prefill[] = [];
  const spent = { calls: 0, inputTokens: 0, outputTokens: 0, cachedTokens: 0 };
  const model = scripted(
    (request, index) => {
      const { says, reply } = answer(request, index);
      const { firstMs, durationMs, outputTokens } = reply;
      const text = `${request.instructions ?? ""}\n${request.prompt ?? ""}`;
      const inputTokens = Math.ceil(text.length / LETTERS);
      const cachedInputTokens = hasCache ? cachedTokens(text, clock.now(), prefills) : 0;
      prefills.push({ text, openMs: clock.now() + firstMs });
      spent.calls += 1;
      spent.inputTokens += inputTokens;
      spent.outputTokens += outputTokens;
      spent.cachedTokens += cachedInputTokens;
      const whole = typeof says === "string" ? says : JSON.stringify(says);
      return {
        text: [whole.slice(0, 1), whole.slice(1)], // Two bits: the first token, and all others.
        firstMs,
        eachMs: durationMs - firstMs,
        usage: { inputTokens, outputTokens, cachedInputTokens },
      };
    },
    { clock },
  );
  return { model, spent };
}
