/** The answers of a batch as they come: of each is held what could be shown, and what other calls may still refer to. The rest is let go. */
import { contentText } from "../../adapters/mcp/content-text.ts";
import type { McpOutput } from "../../adapters/mcp/mcp-client.ts";
import { McpToolError } from "../../adapters/mcp/mcp-tool-error.ts";
import { describeError } from "../../core/errors.ts";
import { headAndTail } from "../../tools/coding/head-and-tail.ts";
import { mostLookedAt } from "../shown-result.ts";
import { holdAnswer, type HeldAnswer, type HoldOptions } from "./held-answer.ts";
import type { GivenCall } from "./read-calls.ts";
import { ReferredCalls } from "./referred-calls.ts";

/** What a call has found: what references to it stand for, as long as there may be any. */
export interface CallOutput {
  /** What a model reads of it. */
  readonly text?: string;
  /** The same as data: what the tool says it is, or its text where that is JSON; undefined where it is neither. */
  readonly data?: unknown;
  /** All of it. */
  readonly content?: McpOutput["content"];
}

/** What the answers of a batch are held with. */
export interface HeldAnswersOptions extends HoldOptions {
  /** Takes secrets of the configuration out of what failed. */
  redact(text: string): string;
}

/** The answers of one batch. */
export class HeldAnswers {
  readonly #options: HeldAnswersOptions;
  readonly #referred: ReferredCalls;
  /** By the output of a call, or the error that it failed with: calls may share them. */
  readonly #held = new WeakMap<object, HeldAnswer>();
  /** The outputs that are whole, by the id of their call. */
  readonly #outputs = new Map<string, CallOutput>();

  constructor(calls: readonly GivenCall[], options: HeldAnswersOptions) {
    this.#options = options;
    this.#referred = new ReferredCalls(calls);
  }

  /** Takes what a tool has answered. Returns it as the output of its call. */
  async take(id: string, { content, structuredContent }: McpOutput): Promise<CallOutput> {
    const plain = contentText({ content, structuredContent });
    const redact = (text: string): string => text;
    const held = await holdAnswer({ id, content, plain, redact }, this.#options);
    const output = this.#referred.isNeeded(id)
      ? outputOf({ text: plain, content, structuredContent })
      : {};
    this.#held.set(output, held);
    this.#outputs.set(id, output);
    return output;
  }

  /** Takes what a call failed with. Returns as much of it as can be shown. */
  async takeFailure(id: string, error: unknown): Promise<unknown> {
    const most = mostLookedAt(this.#options.maxBytes);
    const message = describeError(error);
    const short = headAndTail(message, most);
    if (!(error instanceof McpToolError)) {
      return short === message ? error : new Error(short);
    }
    const { server, tool, output } = error;
    const { redact } = this.#options;
    const answer = { id, content: output.content, plain: message, redact };
    const held = await holdAnswer(answer, this.#options);
    const failure = new McpToolError(server, tool, { content: [{ type: "text", text: short }] });
    this.#held.set(failure, held);
    return failure;
  }

  /** What is held of an answer, by what was made of it. */
  get(made: unknown): HeldAnswer | undefined {
    return typeof made === "object" && made !== null ? this.#held.get(made) : undefined;
  }

  /** A call has ended: what it alone referred to is let go. */
  end(id: string): void {
    this.#referred.end(id);
    for (const [from, output] of this.#outputs) {
      if (!this.#referred.isNeeded(from)) {
        Object.keys(output).forEach((key) => Reflect.deleteProperty(output, key));
        this.#outputs.delete(from);
      }
    }
  }
}

function outputOf({
  text,
  content,
  structuredContent,
}: McpOutput & { readonly text: string }): CallOutput {
  const data = structuredContent ?? jsonIn(text);
  return { text, ...(data === undefined ? {} : { data }), content };
}

/** What a text stands for that is a list or an object of JSON. */
function jsonIn(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) {
    return undefined;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // It only looks like it.
  }
}
