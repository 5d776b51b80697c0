/**
 * Calls that a guardrail has to let through. They take their place among the others when the first guardrail is asked, and wait there until they
 * are invoked. Whoever is refused, or is not invoked at once after the last guardrail, leaves.
 */
import { promiseAndHands } from "../../core/promise-and-hands.ts";
import { untilAborted } from "../../core/until-aborted.ts";
import type { MadeCall } from "../gather/arrival.ts";
import type { Reply } from "../gather/call-batch.ts";
import { withProperties, type GuardrailData, type InputGuardrail } from "./function-tool.ts";

/** A call before it is invoked. */
export type AnnouncedCall = Omit<MadeCall, "run">;

/** Why a call ends that left its place. */
export const LEFT = new Error("The call was not let through");

/** One that waits in its place. */
interface Place {
  readonly reply: Promise<Reply>;
  enter(run: MadeCall["run"]): void;
}

/** The calls of a tool that were announced, and how its calls are made. */
export class AnnouncedCalls {
  readonly #make: (call: MadeCall) => Promise<Reply>;
  readonly #places = new WeakMap<object, Map<string, Place>>();

  constructor(make: (call: MadeCall) => Promise<Reply>) {
    this.#make = make;
  }

  /** Makes a call: in its place, if it has one. */
  async arrive(call: MadeCall): Promise<Reply> {
    const places = this.#places.get(call.group);
    const place = places?.get(call.id ?? "");
    if (place === undefined) {
      return await this.#make(call);
    }
    places?.delete(call.id ?? "");
    place.enter(call.run);
    return await place.reply;
  }

  /** Gives a call its place, and returns how it leaves again. */
  announce(call: AnnouncedCall): () => void {
    const controller = new AbortController();
    const entered = promiseAndHands<MadeCall["run"]>();
    const reply = this.#make({
      ...call,
      signal: controller.signal,
      run: async (input, ctx) => {
        const run = await untilAborted(controller.signal, entered.promise);
        return await run(input, ctx);
      },
    });
    const places = this.#places.get(call.group) ?? new Map<string, Place>();
    this.#places.set(call.group, places);
    const id = call.id ?? "";
    places.set(id, { reply, enter: entered.resolve });
    return () => {
      if (places.delete(id)) {
        controller.abort(LEFT);
      }
    };
  }

  /** The guardrails of a tool, the first of which announces. */
  guardrails(
    guardrails: readonly InputGuardrail[],
    announce: (data: GuardrailData) => (() => void) | undefined,
  ): readonly InputGuardrail[] {
    const leaving = new WeakMap<object, () => void>();
    return guardrails.map((guardrail, index) => {
      const run = async (data: GuardrailData): Promise<unknown> => {
        if (index === 0) {
          leaving.set(data.toolCall, announce(data) ?? (() => {}));
        }
        const leave = leaving.get(data.toolCall) ?? (() => {});
        let isRefused = true;
        try {
          const output = await guardrail.run(data as never);
          isRefused = !lets(output);
          return output;
        } finally {
          if (isRefused || index === guardrails.length - 1) {
            setImmediate(leave); // Unless it has been invoked by then.
          }
        }
      };
      return withProperties(guardrail, { run });
    });
  }
}

/** Whether a guardrail lets a call through. */
function lets(output: unknown): boolean {
  const { behavior } = (output ?? {}) as { readonly behavior?: { readonly type?: unknown } };
  return behavior?.type === undefined || behavior.type === "allow";
}
