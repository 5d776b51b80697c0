/** Calls that a framework makes one by one, gathered into turns of a toolbox. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { TaskContext } from "../../core/task.ts";
import { isThenable } from "../../core/thenable.ts";
import type { StandardResult, StandardSchema } from "../../tools/standard-schema.ts";
import { defineTool, type Tool } from "../../tools/tool.ts";
import { toolbox, type Toolbox } from "../../tools/toolbox.ts";
import type { Approve, Turn } from "../../tools/turn.ts";
import { checkDeclared, type ToolDeclaration } from "../declaration.ts";
import { Arrival, type MadeCall } from "./arrival.ts";
import { CallBatch, type BatchOptions, type Reply } from "./call-batch.ts";
import type { ParallelOptions } from "./parallel-options.ts";

/** A tool whose calls are gathered. */
export interface GatheredTool {
  readonly name: string;
  /** Its arguments, where the framework has them as a schema that can be asked: claims then come from validated arguments. */
  readonly schema?: StandardSchema | undefined;
}

/** What goes through the toolbox as the arguments of a call. */
interface Carried {
  readonly input: unknown;
  /** The arguments as the schema makes them, for claims. */
  readonly validated?: unknown;
  readonly arrival: Arrival;
  readonly batch: CallBatch;
}

/** A call that waits for the others of its response. */
interface Waiting {
  readonly arrival: Arrival;
  readonly resolve: (reply: Promise<Reply>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs the calls of one response as one turn: those of a group that are made in the same turn of the event loop. Later ones are a turn of their
 * own, in the same toolbox.
 */
export class GatheredCalls {
  readonly #box: Toolbox;
  /** The calls of this toolbox, by what runs in them: calls that they make belong to them. */
  readonly #inside = new AsyncLocalStorage<TaskContext>();
  readonly #waiting = new Map<object, Waiting[]>();

  /** @throws `TypeError` when a declaration is invalid, or is of no tool. */
  constructor(
    tools: readonly GatheredTool[],
    { declare = {}, approve, ...options }: ParallelOptions,
  ) {
    checkDeclared(
      declare,
      tools.map(({ name }) => name),
      "the list of tools",
    );
    this.#box = toolbox(
      tools.map((tool) => this.#carrying(tool, declare[tool.name] ?? {})),
      { ...options, approve: approve && approvingCarried(approve) },
    );
  }

  /** Adds a call, and waits for what becomes of it. */
  make(call: MadeCall, options: BatchOptions): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const waiting = { arrival: new Arrival(call), resolve, reject };
      const others = this.#waiting.get(call.group);
      if (others !== undefined) {
        others.push(waiting);
        return;
      }
      this.#waiting.set(call.group, [waiting]);
      const within = this.#inside.getStore();
      setImmediate(() => {
        const calls = this.#waiting.get(call.group) ?? [];
        this.#waiting.delete(call.group);
        try {
          this.#begin(calls, within, options);
        } catch (error) {
          // Nobody is above this: each call is told. Those that have their reply already do not hear it.
          calls.forEach(({ reject }) => reject(error));
        }
      });
    });
  }

  #begin(calls: readonly Waiting[], within: TaskContext | undefined, options: BatchOptions): void {
    const turn = this.#box.turn({ within });
    const batch = new CallBatch(turn, options);
    const inOrder = calls
      .map((waiting, index) => ({ waiting, position: waiting.arrival.call.position ?? index }))
      .sort((a, b) => a.position - b.position);
    const ids = distinctIds(inOrder.map(({ waiting }) => waiting.arrival.call.id || undefined));
    const bySignal = new Map<AbortSignal, string[]>();
    for (const [index, { waiting }] of inOrder.entries()) {
      const { name, input, signal } = waiting.arrival.call;
      const id = ids[index] as string; // As many as there are calls.
      turn.call({ id, name, input: { input, arrival: waiting.arrival, batch } satisfies Carried });
      waiting.resolve(batch.add(id));
      if (signal !== undefined) {
        bySignal.set(signal, [...(bySignal.get(signal) ?? []), id]);
      }
    }
    for (const [signal, stopped] of bySignal) {
      cancelOn(signal, { turn, batch, ids: stopped });
    }
    turn.commit();
  }

  /** The tool that carries calls of another. It says nothing of what they return: the framework does. */
  #carrying({ name, schema }: GatheredTool, declared: ToolDeclaration): Tool {
    const { reads, writes, needsApproval, ...rest } = declared;
    const inputOf = ({ input, validated = input }: Carried): unknown => validated;
    const tool: Tool<Carried> = {
      ...rest,
      name,
      ...(reads && { reads: (carried) => reads(inputOf(carried)) }),
      ...(writes && { writes: (carried) => writes(inputOf(carried)) }),
      ...(needsApproval && { needsApproval: (carried) => needsApproval(inputOf(carried)) }),
      ...(schema && { input: carriedSchema(schema), inputJsonSchema: {} }),
      format: () => "",
      run: ({ input, arrival, batch }, ctx) => {
        const work = (): unknown => this.#inside.run(ctx, () => arrival.call.run(input, ctx));
        return batch.run(() => arrival.inContext(work), ctx);
      },
    };
    return defineTool<StandardSchema, unknown>(tool);
  }
}

/** Asks about the arguments of a call, not about what carries them. */
function approvingCarried(approve: Approve): Approve {
  return ({ input, ...call }, options) =>
    approve({ ...call, input: (input as Carried).input }, options);
}

/** Ids as given, where they are given and not given before. */
function distinctIds(ids: readonly (string | undefined)[]): readonly string[] {
  const taken = new Set(ids);
  const used = new Set<string>();
  return ids.map((given) => {
    let id = given ?? "call-1";
    for (let number = 1; used.has(id) || (given === undefined && taken.has(id)); number += 1) {
      id = `${given ?? "call"}-${number}`;
    }
    used.add(id);
    return id;
  });
}

/** Checks what is carried. */
function carriedSchema(schema: StandardSchema): StandardSchema<Carried> {
  const put = (carried: Carried, result: StandardResult<unknown>): StandardResult<Carried> =>
    result.issues === undefined ? { value: { ...carried, validated: result.value } } : result;
  return {
    "~standard": {
      version: 1,
      vendor: schema["~standard"].vendor,
      validate: (value) => {
        const carried = value as Carried; // Nothing else is put in.
        const result = schema["~standard"].validate(carried.input);
        return isThenable(result)
          ? Promise.resolve(result).then((each) => put(carried, each))
          : put(carried, result);
      },
    },
  };
}

/** One listener for all calls of a signal, as long as any of them is not answered. */
function cancelOn(
  signal: AbortSignal,
  { turn, batch, ids }: { turn: Turn; batch: CallBatch; ids: readonly string[] },
): void {
  const cancel = (): void => batch.cancelWaiting(ids, signal.reason);
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) {
    cancel();
  }
  const forget = (): void => signal.removeEventListener("abort", cancel);
  Promise.all(ids.map((id) => turn.result(id))).then(forget, forget);
}
