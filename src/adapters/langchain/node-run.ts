/** The calls of one run of a node: what they share besides the toolbox. */
import type { Reply } from "../gather/call-batch.ts";
import { nodeKey, type KeptOutputs } from "./kept-outputs.ts";
import type { LangChainConfig } from "./langchain-tool.ts";
import { Places } from "./places.ts";

/** One run of a node, from its first call to the end of its last. */
export class NodeRun {
  readonly #places: Places | undefined;
  readonly #kept: KeptOutputs;
  readonly #key: string | undefined;
  #unanswered = 0;
  #isSuspended = false;

  constructor(config: LangChainConfig, kept: KeptOutputs) {
    const { maxConcurrency } = config;
    this.#places =
      maxConcurrency !== undefined && maxConcurrency >= 1 ? new Places(maxConcurrency) : undefined;
    this.#kept = kept;
    this.#key = nodeKey(config);
  }

  /** Does the work of a call when there is a place for it. */
  async work(run: () => Promise<unknown>): Promise<unknown> {
    return await (this.#places === undefined ? run() : this.#places.within(run));
  }

  /** What a call came to before the node was interrupted. */
  keptOutput(id: string | undefined): { readonly output: unknown } | undefined {
    return this.#key === undefined || id === undefined ? undefined : this.#kept.find(this.#key, id);
  }

  /** A call was suspended, and with it the node. */
  suspend(completed: ReadonlyMap<string, unknown>, suspended: readonly string[]): void {
    this.#isSuspended = true;
    if (this.#key !== undefined) {
      this.#kept.keep(this.#key, completed, suspended);
    }
  }

  /** Counts the calls that have no reply yet: after the last one, nothing more is asked of what was kept. */
  async count(reply: Promise<Reply>): Promise<Reply> {
    this.#unanswered += 1;
    try {
      return await reply;
    } finally {
      this.#unanswered -= 1;
      if (this.#unanswered === 0 && !this.#isSuspended && this.#key !== undefined) {
        this.#kept.forget(this.#key);
      }
    }
  }
}
