/** `condense`: what many documents say, within the context window of a model. */
import type { Condensed } from "../../models/condense.ts";
import { ANSWER_TOKENS } from "../../models/defaults.ts";
import type { SourceDocument } from "../../models/document-parts.ts";
import type { ModelRunFacts } from "../../models/model-run.ts";
import type { Kind } from "../kind.ts";
import { LIKELY_TEXT, TRIES } from "../likely.ts";
import type { CondenseSettings } from "../model-settings.ts";
import { asText, plain, shownValue } from "../values.ts";

/** What the documents say. */
export type CondenseValue = Condensed & ModelRunFacts;

/** A window that every model in use has: a narrower one than that of the model costs calls, a wider one fails. */
const CONTEXT_TOKENS = 16_000;

export const condense: Kind<CondenseSettings> = {
  defaultLimit: undefined,
  fields: {
    statements: ({ statements }: CondenseValue) => statements,
    lines: linesOf,
    text: (value: CondenseValue) => linesOf(value).join("\n"),
    totals: ({ totals }: CondenseValue) => totals,
    failed: ({ failed }: CondenseValue) => failed,
    coverage: ({ coverage }: CondenseValue) => coverage,
    spent: ({ spent }: CondenseValue) => spent,
  },
  asks: ({ using }) => [{ name: using, path: ["using"] }],
  rehearsal: ({ maxOutputTokens = ANSWER_TOKENS }) => ({
    answer: ({ schema }) => {
      const text = LIKELY_TEXT.slice(0, maxOutputTokens); // A quarter of an answer: there are others beside it.
      const isOfStatements = JSON.stringify(schema?.jsonSchema ?? {}).includes('"from"');
      return { statements: [isOfStatements ? { text, from: [1] } : text] };
    },
    // Each part is read, and each two lists of statements may have to be made one.
    most: (likely) => 2 * likely * TRIES,
  }),
  answer: ({ statements }: CondenseValue) => statements,
  async run(settings, { ctx, values, modelOf, contextTokensOf }) {
    const { condense: list, task, using, maxOutputTokens } = settings;
    const { condense } = await import("../../models/condense.ts");
    const { contextTokens = contextTokensOf(using) ?? CONTEXT_TOKENS } = settings;
    const documents = await values.list(list);
    if (!Array.isArray(documents)) {
      throw new TypeError(
        `Cannot condense documents as they must be a list, such as the .files of a read: ${shownValue(documents)}`,
      );
    }
    return await condense({
      within: ctx,
      model: await modelOf(using),
      documents: (plain(documents) as readonly unknown[]).map(documentOf), // A list stays a list.
      task: await values.text(task),
      contextTokens,
      maxOutputTokens,
    });
  },
};

/** A text, or what has one: a file, an answer. Anything else is told as JSON. */
function documentOf(value: unknown, index: number): SourceDocument {
  if (typeof value !== "object" || value === null || !("text" in value)) {
    return { id: String(index), text: asText(value) };
  }
  const id = "id" in value ? value.id : "path" in value ? value.path : index;
  return { id: asText(id), text: asText(value.text) };
}

/** A line for each statement, with the documents that it rests on. */
export function linesOf({ statements }: Pick<CondenseValue, "statements">): readonly string[] {
  return statements.map(({ text, documents }) => `${text} (${documents.join(", ")})`);
}
