/** An answer of the AI SDK that comes bit by bit: read to its end, and put together as if it had come whole. */
import { untilAborted } from "../../core/until-aborted.ts";
import type { ModelPart } from "../model.ts";
import { callOf, isCallForUs, isKept, type SaidByService } from "./content.ts";
import type {
  AiSdkContent,
  AiSdkFinishReason,
  AiSdkStreamResult,
  AiSdkUsage,
} from "./specification.ts";

/** The fields of all parts of a stream that are used. */
interface StreamPart extends AiSdkContent {
  readonly id?: string;
  readonly delta?: string;
  readonly error?: unknown;
  readonly providerMetadata?: unknown;
  readonly usage?: AiSdkUsage;
  readonly finishReason?: AiSdkFinishReason;
}

/** A text or reasoning that is being written. */
interface Block extends AiSdkContent {
  text: string;
  providerMetadata?: unknown;
}

/**
 * Hands on what is of use while it comes, and returns all of it.
 *
 * @throws what the stream throws, the error of its first `error` part, or an `Error` when it ends without a `finish`.
 */
export async function* readStream(
  { stream, response }: AiSdkStreamResult,
  signal: AbortSignal,
): AsyncGenerator<Exclude<ModelPart, { type: "finish" }>, SaidByService, undefined> {
  const reader = stream.getReader();
  const said = new Assembly();
  let hasEnded = false;
  try {
    for (;;) {
      const { done, value } = await untilAborted(signal, reader.read());
      if (done || value === undefined) {
        hasEnded = true;
        return { ...said.whole(), headers: response?.headers };
      }
      const part = said.add(value);
      if (part !== undefined) {
        yield part;
      }
    }
  } finally {
    if (!hasEnded) {
      // Tells the service to stop. That it may fail to hear it changes nothing here.
      reader.cancel().catch(() => undefined);
    }
  }
}

class Assembly {
  readonly #content: AiSdkContent[] = [];
  readonly #open = new Map<string, Block>();
  #finish: { readonly usage: AiSdkUsage; readonly finishReason: AiSdkFinishReason } | undefined;

  /** Takes the next part. Returns what of it is of use at once. */
  add(given: AiSdkContent): Exclude<ModelPart, { type: "finish" }> | undefined {
    const part = given as StreamPart; // All its fields are optional.
    const { type, delta = "", error, usage, finishReason } = part;
    switch (type) {
      case "text-start":
      case "text-end":
        this.#blockOf("text", part);
        return undefined;
      case "text-delta":
        this.#blockOf("text", part).text += delta;
        return delta === "" ? undefined : { type: "text", text: delta };
      case "reasoning-start":
      case "reasoning-end":
        this.#blockOf("reasoning", part);
        return undefined;
      case "reasoning-delta":
        this.#blockOf("reasoning", part).text += delta;
        return undefined;
      case "error":
        throw error instanceof Error ? error : new Error(describe(error), { cause: error });
      case "finish":
        if (usage !== undefined && finishReason !== undefined) {
          this.#finish = { usage, finishReason };
        }
        return undefined;
      default:
        if (isKept(part)) {
          this.#content.push(part);
        }
        return isCallForUs(part) ? { type: "tool-call", call: callOf(part) } : undefined;
    }
  }

  whole(): Omit<SaidByService, "headers"> {
    if (this.#finish === undefined) {
      throw Object.assign(
        new Error("Cannot use the answer of the model as its stream broke off: it had no end"),
        { isRetryable: true },
      );
    }
    return { content: this.#content, ...this.#finish };
  }

  /** The block that a part belongs to; metadata that comes later counts. */
  #blockOf(type: "text" | "reasoning", { id = "", providerMetadata }: StreamPart): Block {
    const name = `${type} ${id}`;
    let block = this.#open.get(name);
    if (block === undefined) {
      block = { type, text: "" };
      this.#open.set(name, block);
      this.#content.push(block);
    }
    if (providerMetadata !== undefined) {
      block.providerMetadata = providerMetadata;
    }
    return block;
  }
}

function describe(error: unknown): string {
  const { message } = (error ?? {}) as { readonly message?: unknown };
  const text = typeof message === "string" ? message : JSON.stringify(error);
  return `The model failed while it answered: ${text}`;
}
