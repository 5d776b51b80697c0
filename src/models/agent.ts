/**
 * `agent`: a model that calls tools until it has an answer. Each response is a turn of the toolbox: calls that only read start while the model still
 * writes, and all results go back in the order of the calls.
 */
import { all } from "../patterns/all.ts";
import { TasksFailedError } from "../core/errors.ts";
import { Observer } from "../core/observer.ts";
import { recordOf } from "../core/task-context.ts";
import type { TaskContext } from "../core/task.ts";
import { defineTool } from "../tools/tool.ts";
import { refuseInside, noteOpener, openerNow } from "../tools/calls-around.ts";
import { toolbox, type Toolbox } from "../tools/toolbox.ts";
import type {
  Agent,
  AgentEvent,
  AgentOptions,
  AgentResult,
  AgentRun,
  AgentRunOptions,
} from "./agent-run.ts";
import { AgentSteps, type AgentSettings } from "./agent-steps.ts";
import { noteApprove } from "./approve-around.ts";
import { checkOpening, Conversation } from "./conversation.ts";
import { AGENT_STEPS } from "./defaults.ts";
import { Meter } from "./meter.ts";
import { object, someText } from "./shape.ts";
import { withBudget } from "./with-budget.ts";

/** What an agent is handed that is a tool: the whole task, as it knows nothing of the conversation around it. */
const TASK = object({ prompt: someText() });

/**
 * Makes an agent. It keeps no state: each run is a conversation of its own, and any number may be under way.
 *
 * Runs of agents with one toolbox have their claims compared, so that two agents do not race for a file.
 *
 * @throws `RangeError` when `maxSteps` is no integer from 1, `TypeError` when a budget counts money and the price of the model is not known.
 * @example
 * ```ts
 * import { agent } from "fanfold/models";
 * import { scripted } from "fanfold/testing";
 * import { defineTool, toolbox } from "fanfold/tools";
 *
 * const weather = defineTool({ name: "weather", effect: "read", run: () => "rain" });
 * const model = scripted([{ toolCalls: [{ id: "1", name: "weather", input: {} }] }, "Take an umbrella."]);
 * const { text, steps } = await agent({ model, toolbox: toolbox([weather]) }).run("What do I need today?");
 * console.log(text, steps);
 * ```
 */
export function agent(options: AgentOptions): Agent {
  const { maxSteps = AGENT_STEPS } = options;
  if (!Number.isSafeInteger(maxSteps) || maxSteps < 1) {
    throw new RangeError(
      `Cannot make an agent as "maxSteps" must be an integer from 1: ${maxSteps}`,
    );
  }
  const budgets = [options.budget ?? []].flat();
  const settings = {
    ...options,
    maxSteps,
    model: budgets.reduce((model, budget) => withBudget(model, budget), options.model),
    toolbox: options.toolbox ?? toolbox([]),
  };
  const run = (prompt: string | undefined, runOptions: AgentRunOptions = {}): AgentRun =>
    startRun(settings, prompt, runOptions);
  return {
    run,
    asTool: ({ name, description }) =>
      defineTool({
        name,
        description,
        input: TASK.schema,
        inputJsonSchema: TASK.jsonSchema,
        parallel: true, // It touches nothing itself: its calls say what they touch.
        run: async ({ prompt }, ctx) => {
          const { finish, text, steps } = await run(prompt, { within: ctx, signal: ctx.signal });
          if (finish !== "answered") {
            const last = text === "" ? "it said nothing" : `it said last: ${text}`;
            throw new Error(
              `Cannot answer as the agent ended early (${finish}, step ${steps}); ${last}`,
            );
          }
          return text;
        },
      }),
  };
}

function startRun(
  options: AgentSettings,
  prompt: string | undefined,
  runOptions: AgentRunOptions,
): AgentRun {
  const { name = "agent", toolbox } = options;
  const { signal, within = placeOf(toolbox), messages = [] } = runOptions;
  const conversation = new Conversation(messages, prompt);
  checkOpening(conversation.messages);
  const observer = new Observer(runOptions.onEvent);
  const tell = (event: AgentEvent): void => observer.tell(event);
  const { clock } = recordOf(within).kernel.options;
  const meter = new Meter(() => clock.now());
  let steps: Promise<AgentResult> | undefined;
  const opener = openerNow();
  const task = async (ctx: TaskContext): Promise<AgentResult> => {
    noteOpener(recordOf(ctx).record, opener);
    noteApprove(ctx, runOptions.approve);
    steps = new AgentSteps({ options, runOptions, conversation, tell, meter, ctx }).run();
    return await steps;
  };
  // A response that cannot be used is no reason to stop: the steps see to it.
  const tasks = all({ [name]: task }, { name, within, signal, failure: "continue" });
  const result = tasks.then(
    ({ [name]: value }) => value as AgentResult, // It is the one that `all` was given.
    async (error: unknown) => {
      // A long result may take longer to be kept than a cancelled task may take to stop. It waits for nothing else then.
      await Promise.allSettled([steps]);
      throw TasksFailedError.isInstance(error) ? error.cause : error;
    },
  );
  return Object.defineProperties(result, {
    messages: { get: () => conversation.messages },
    spent: { get: () => meter.spent },
    cancel: { value: (reason?: unknown): void => tasks.cancel(reason) },
  }) as AgentRun; // The properties defined here are all that it adds.
}

/**
 * Where the runs are that are within no task.
 *
 * @throws `TypeError` inside a call of the toolbox: the calls of the agent might wait for that one.
 */
function placeOf({ context }: Toolbox): TaskContext {
  refuseInside(recordOf(context).kernel, { action: "run an agent", toolbox: "its toolbox" });
  return context;
}
