/** `model`: one answer of a model. */
import type { ModelUsage } from "../../models/model.ts";
import type { Kind } from "../kind.ts";
import { LIKELY_TEXT, TRIES } from "../likely.ts";
import type { ModelSettings } from "../model-settings.ts";
import { jsonOf, linesOf } from "../text-fields.ts";

/** What the model answered. */
export interface ModelValue {
  readonly text: string;
  /** The answer as data; absent without a `schema`. */
  readonly object?: unknown;
  /** Of all tries together; what is not known is absent. */
  readonly usage: { readonly inputTokens?: number; readonly outputTokens?: number };
}

export const model: Kind<ModelSettings> = {
  defaultLimit: 8,
  fields: {
    text: ({ text }: ModelValue) => text,
    lines: ({ text }: ModelValue) => linesOf(text),
    json: ({ text }: ModelValue) => jsonOf(text),
    object: ({ object }: ModelValue) => object ?? null,
    usage: ({ usage }: ModelValue) => usage,
  },
  asks: ({ using }) => [{ name: using, path: ["using"] }],
  rehearsal: ({ schema }) => ({
    answer: () => (schema === undefined ? LIKELY_TEXT : {}),
    most: (likely) => (schema === undefined ? likely : likely * TRIES),
  }),
  answer: ({ text, object }: ModelValue) => object ?? text,
  async run(settings, { ctx, values, modelOf }) {
    const { model: prompt, instructions, schema, temperature, using, maxOutputTokens } = settings;
    const [{ ask }, { Meter }, { metered }, { answerSchema }] = await Promise.all([
      import("../../models/ask.ts"),
      import("../../models/meter.ts"),
      import("../../models/metered.ts"),
      import("../answer-schema.ts"),
    ]);
    const meter = new Meter(() => 0); // Of time the run itself knows more.
    const asked = metered(await modelOf(using), meter);
    const request = {
      prompt: await values.text(prompt),
      instructions: instructions === undefined ? undefined : await values.text(instructions),
      schema: schema === undefined ? undefined : answerSchema(schema),
      temperature,
      maxOutputTokens,
    };
    const { text, object, usage, finishReason } = await ask(asked, request, { within: ctx });
    if (finishReason !== "stop") {
      throw new Error(
        `Cannot use the answer as it is not whole (${finishReason}): ${JSON.stringify(text.slice(0, 80))}${finishReason === "length" ? "; raise maxOutputTokens" : ""}`,
      );
    }
    const { spent } = meter;
    const { inputTokens, outputTokens }: Partial<ModelUsage> =
      spent.calls === 1 ? usage : spent.unknownCalls === 0 ? spent : {};
    return {
      text,
      ...(object === undefined ? {} : { object }),
      usage: {
        ...(inputTokens === undefined ? {} : { inputTokens }),
        ...(outputTokens === undefined ? {} : { outputTokens }),
      },
    } satisfies ModelValue;
  },
};
