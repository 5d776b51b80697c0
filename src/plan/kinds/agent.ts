/** `agent`: a model that calls tools in a folder until it has an answer. */
import { resolve } from "node:path";
import { AGENT_STEPS } from "../../models/defaults.ts";
import type { ModelSpent } from "../../models/meter.ts";
import type { Kind } from "../kind.ts";
import { LIKELY_TEXT } from "../likely.ts";
import type { AgentSettings } from "../model-settings.ts";
import { UnpaidError } from "../unpaid.ts";
import { jsonOf, linesOf } from "../text-fields.ts";

/** What it came back with. */
export interface AgentValue {
  readonly text: string;
  /** The answer as data; absent without a `schema`. */
  readonly object?: unknown;
  /** How many responses there were. */
  readonly steps: number;
  readonly spent: ModelSpent;
}

export const agent: Kind<AgentSettings> = {
  defaultLimit: 4,
  fields: {
    text: ({ text }: AgentValue) => text,
    lines: ({ text }: AgentValue) => linesOf(text),
    json: ({ text }: AgentValue) => jsonOf(text),
    object: ({ object }: AgentValue) => object ?? null,
    steps: ({ steps }: AgentValue) => steps,
    spent: ({ spent }: AgentValue) => spent,
  },
  asks: ({ using }) => [{ name: using, path: ["using"] }],
  rehearsal: ({ schema, maxSteps = AGENT_STEPS }) => ({
    answer: () => (schema === undefined ? LIKELY_TEXT : {}),
    most: () => maxSteps,
    isOpen: true,
  }),
  answer: ({ text, object }: AgentValue) => object ?? text,
  async run(settings, { ctx, plan, values, surroundings, modelOf }) {
    const { agent: prompt, instructions, root = ".", write = false, using } = settings;
    const { maxSteps, schema, maxOutputTokens } = settings;
    const [{ agent }, { folderToolbox, folderInstructions }, { answerSchema }] = await Promise.all([
      import("../../models/agent.ts"),
      import("../../tools/coding/folder-toolbox.ts"),
      import("../answer-schema.ts"),
    ]);
    const folder = resolve(plan.folder, await values.text(root));
    const own = instructions === undefined ? [] : [await values.text(instructions)];
    const run = agent({
      model: await modelOf(using),
      toolbox: folderToolbox({
        root: folder,
        write,
        hiddenVariables: surroundings.keyVariables,
      }),
      instructions: [folderInstructions(write), ...own].join("\n"),
      maxSteps,
      schema: schema === undefined ? undefined : answerSchema(schema),
      maxOutputTokens,
    }).run(await values.text(prompt), { within: ctx, signal: ctx.signal });
    const { finish, text, object, steps, spent } = await run;
    if (finish === "budget" && steps === 0) {
      throw new UnpaidError();
    }
    if (finish !== "answered") {
      throw new Error(
        `Cannot use the answer of the agent as it ended early (${finish}, step ${steps}): ${JSON.stringify(text.slice(0, 80))}`,
      );
    }
    return { text, ...(object === undefined ? {} : { object }), steps, spent } satisfies AgentValue;
  },
};
