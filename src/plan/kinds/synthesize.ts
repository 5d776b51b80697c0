/** `synthesize`: one answer of the results of several tasks, and of the failures of those that have none. */
import type { ModelRunFacts } from "../../models/model-run.ts";
import type { Synthesis } from "../../models/synthesize.ts";
import type { Kind } from "../kind.ts";
import { LIKELY_TEXT, TRIES } from "../likely.ts";
import type { SynthesizeSettings } from "../model-settings.ts";
import { linesOf } from "../text-fields.ts";
import type { TaskResult } from "../values.ts";

/** The answer. */
export type SynthesizeValue = Synthesis & ModelRunFacts;

/** What a model may answer. */
export const LIKELY_SYNTHESIS = { answer: LIKELY_TEXT, conflicts: [], gaps: [], confidence: 1 };

/** What is told of the result of a task: set by the table of kinds, of which this kind is a part. */
export function createSynthesize(
  answerOf: (result: TaskResult) => unknown,
): Kind<SynthesizeSettings> {
  return {
    defaultLimit: undefined,
    fields: {
      text: ({ answer }: SynthesizeValue) => answer,
      lines: ({ answer }: SynthesizeValue) => linesOf(answer),
      conflicts: ({ conflicts }: SynthesizeValue) => conflicts,
      gaps: ({ gaps }: SynthesizeValue) => gaps,
      confidence: ({ confidence }: SynthesizeValue) => confidence,
      coverage: ({ coverage }: SynthesizeValue) => coverage,
      spent: ({ spent }: SynthesizeValue) => spent,
    },
    asks: ({ using }) => [{ name: using, path: ["using"] }],
    tells: ({ from }) => from.map((name, index) => ({ name, path: ["from", index] })),
    rehearsal: () => ({ answer: () => LIKELY_SYNTHESIS, most: (likely) => likely * TRIES }),
    answer: ({ answer }: SynthesizeValue) => answer,
    async run(settings, { ctx, values, modelOf }) {
      const { synthesize: task, from, conflict, using, maxOutputTokens } = settings;
      const { synthesize } = await import("../../models/synthesize.ts");
      const sources = [...new Set(from)].map((key) => ({ key, result: values.result(key) }));
      return await synthesize({
        within: ctx,
        model: await modelOf(using),
        task: await values.text(task),
        results: sources.flatMap(({ key, result }) =>
          result.reason === undefined ? [{ key, value: answerOf(result) }] : [],
        ),
        failed: sources.flatMap(({ key, result: { reason } }) =>
          reason === undefined ? [] : [{ key, reason }],
        ),
        conflict,
        maxOutputTokens,
      });
    },
  };
}
