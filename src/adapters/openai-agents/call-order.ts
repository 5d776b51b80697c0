/** The order in which a model made its calls: the SDK does not tell it to tools, and may invoke them in another. */

/** A model of the OpenAI Agents SDK, as far as the adapter looks at it. */
export interface WatchedModel {
  getResponse(request: never): Promise<{ readonly output: readonly object[] }>;
  getStreamedResponse(request: never): AsyncIterable<object>;
}

/** A provider of models. */
export interface WatchedProvider {
  getModel(name?: string): object | Promise<object>;
}

/** Knows in which order a model made its calls. */
export interface CallOrder {
  /** The same model, or provider of models, whose responses are looked at on their way. */
  watch<Watched extends WatchedModel | WatchedProvider>(watched: Watched): Watched;
  /** Where a call stands in its response; undefined where that was not seen. */
  positionOf(callId: string): number | undefined;
}

/** So many calls are remembered, at least; the oldest go first. */
const MOST_CALLS = 10_000;

/**
 * Makes a watcher of responses. Hand the watched model to the agent, and the watcher to `parallelTools`: calls whose approvals or guardrails take
 * unlike long to decide, and are therefore invoked in another order, then still run in the order in which the model made them.
 *
 * @example
 * ```ts
 * import { callOrder } from "fanfold/openai-agents";
 *
 * const order = callOrder();
 * const model = order.watch({
 *   getResponse: async () => ({ output: [{ type: "function_call", callId: "call_1", name: "look" }] }),
 *   getStreamedResponse: async function* () {},
 * });
 * await model.getResponse();
 * console.log(order.positionOf("call_1"));
 * ```
 */
export function callOrder(): CallOrder {
  const positions = new Map<string, number>();
  const note = (output: unknown): void => {
    for (const [position, id] of callIds(output).entries()) {
      positions.delete(id);
      positions.set(id, position);
    }
    for (const id of positions.keys()) {
      if (positions.size <= MOST_CALLS) {
        break;
      }
      positions.delete(id);
    }
  };
  return {
    watch: (watched) => watch(watched, note),
    positionOf: (callId) => positions.get(callId),
  };
}

type Note = (output: unknown) => void;

function watch<Watched extends object>(watched: Watched, note: Note): Watched {
  const original = watched as Watched & Partial<WatchedModel & WatchedProvider>;
  const replaced: Readonly<Record<string, unknown>> = {
    async getResponse(request: never) {
      const response = await original.getResponse?.(request);
      note(response?.output);
      return response;
    },
    async *getStreamedResponse(request: never) {
      for await (const event of original.getStreamedResponse?.(request) ?? []) {
        note((event as { readonly response?: { readonly output?: unknown } }).response?.output);
        yield event;
      }
    },
    async getModel(name?: string) {
      return watch((await original.getModel?.(name)) as object, note);
    },
  };
  return new Proxy(watched, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      const isReplaced = typeof key === "string" && Object.hasOwn(replaced, key);
      return isReplaced && typeof value === "function" ? replaced[key] : bound(value, target, key);
    },
  });
}

/** Methods of the model see the model itself: it may have private state. */
function bound(value: unknown, target: object, key: string | symbol): unknown {
  return typeof value === "function" && key !== "constructor"
    ? (value.bind(target) as unknown)
    : value;
}

function callIds(output: unknown): readonly string[] {
  return (Array.isArray(output) ? output : [])
    .filter(({ type }: { type?: unknown }) => type === "function_call")
    .map(({ callId }: { callId?: unknown }) => String(callId));
}
