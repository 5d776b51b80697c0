/**
 * What calls came to whose node was interrupted by another of them. LangGraph runs a node that was interrupted again from its beginning, and
 * has lost what its other calls came to: without this they would be run a second time.
 */
import type { LangChainConfig } from "./langchain-tool.ts";

/** More interrupted nodes than this are not remembered, the oldest go first. */
const MOST_NODES = 1000;

interface Kept {
  readonly outputs: Map<string, unknown>;
  /** Calls that were suspended themselves. LangGraph counts interrupts, so that they must be run again whenever the node is. */
  readonly suspended: Set<string>;
}

/** The outputs that are kept, by the node that was interrupted, as the graph knows it. */
export class KeptOutputs {
  readonly #nodes = new Map<string, Kept>();

  /** A node was interrupted: these of its calls had completed, these were suspended. */
  keep(node: string, completed: ReadonlyMap<string, unknown>, suspended: readonly string[]): void {
    const kept = this.#nodes.get(node) ?? { outputs: new Map(), suspended: new Set() };
    this.#nodes.set(node, kept);
    for (const id of suspended) {
      kept.suspended.add(id);
    }
    for (const [id, output] of completed) {
      if (!kept.suspended.has(id)) {
        kept.outputs.set(id, output);
      }
    }
    const [oldest] = this.#nodes.keys();
    if (this.#nodes.size > MOST_NODES && oldest !== undefined) {
      this.#nodes.delete(oldest);
    }
  }

  /** What a call of a node came to before, in an object; undefined where it has to be run. */
  find(node: string, id: string): { readonly output: unknown } | undefined {
    const outputs = this.#nodes.get(node)?.outputs;
    return outputs?.has(id) === true ? { output: outputs.get(id) } : undefined;
  }

  /** A node has ended, and will not be run again. */
  forget(node: string): void {
    this.#nodes.delete(node);
  }
}

/** What the graph calls a node at one step of a thread, the same when it is resumed; undefined where it cannot be resumed. */
export function nodeKey({ configurable, metadata }: LangChainConfig): string | undefined {
  const thread = configurable?.["thread_id"];
  const place = metadata?.["langgraph_checkpoint_ns"] ?? configurable?.["checkpoint_ns"];
  return thread === undefined || place === undefined ? undefined : JSON.stringify([thread, place]);
}
