/** What each tool does with its arguments. */
import { argumentsOf, type Given } from "./given.ts";
import { describePlan } from "./plan-advice.ts";
import { readBatch, type BatchRules } from "./read-batch.ts";
import { runHandlers } from "./run-handlers.ts";
import type { CallOptions, ServiceParts } from "./service.ts";
import type { Shown } from "./shown-result.ts";
import type { Batch } from "./step.ts";
import type { GatewayToolName, ToolName } from "./listed-tool.ts";
import { allKinds, readingKinds } from "./tool-list.ts";
import { batchWork, planOf, planWork, telling, type Work } from "./works.ts";

/** What each tool does. A `Refusal` says what to change. */
export type ToolHandlers = Readonly<Record<Exclude<ToolName, GatewayToolName>, Handler>> &
  Readonly<Partial<Record<GatewayToolName, Handler>>>;

type Handler = (given: Given, options: CallOptions) => Promise<Shown>;

const PLAN = ["plan", "set", "only"];

/** Makes the handlers. */
export function toolHandlers(parts: ServiceParts): ToolHandlers {
  const { settings, gateway } = parts;
  /** Does work within the call that asks for it. */
  const within = async (work: Work, key: ToolName, options: CallOptions): Promise<Shown> => {
    const { signal } = options;
    const { standing } = work;
    return await telling(parts, { ...options, standing }, async () => await work.run(key, signal));
  };
  return {
    parallel_read: async (given, options) => {
      const batch = batchOf(given, {
        tool: "parallel_read",
        kinds: readingKinds(settings),
        isReadOnly: settings.readOnly,
      });
      return await within(batchWork(parts, batch), "parallel_read", options);
    },
    parallel_run: async (given, options) => {
      const batch = batchOf(given, { tool: "parallel_run", kinds: allKinds(settings) });
      return await within(batchWork(parts, batch), "parallel_run", options);
    },
    run_plan: async (given, options) => {
      const asked = argumentsOf(given, { tool: "run_plan", known: PLAN });
      return await within(await planWork(parts, asked), "run_plan", options);
    },
    check_plan: async (given) => {
      const asked = argumentsOf(given, { tool: "check_plan", known: PLAN });
      const summary = describePlan(await planOf(parts, asked));
      return { text: summary, data: { summary } };
    },
    ...runHandlers(parts),
    ...(gateway === undefined
      ? {}
      : {
          find_tools: async (given, { signal }) => await gateway.find(given, signal),
          parallel_call: async (given, options) =>
            await within(gateway.work(given), "parallel_call", options),
        }),
  };
}

function batchOf(given: Given, rules: BatchRules & { readonly tool: ToolName }): Batch {
  const { tool } = rules;
  return readBatch(argumentsOf(given, { tool, known: ["steps", "failure"] }), rules);
}
