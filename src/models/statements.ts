/** Statements, and the documents that they rest on: found in documents, and made fewer. */
import type { Starter } from "../core/task.ts";
import type { StandardIssue } from "../tools/standard-schema.ts";
import type { ContextRoom } from "./context-room.ts";
import type { DocumentPart } from "./document-parts.ts";
import type { Model, ModelRequest, ModelSchema } from "./model.ts";
import type { ModelWork } from "./model-run.ts";
import { fenced, fenceFor, fillPrompt, type Prompt } from "./prompt.ts";
import { describeStatements } from "./prompts/condensing.ts";
import { integer, list, object, someText, type DataOf, type Shape } from "./shape.ts";

/** Something that was found in documents. */
export interface Statement {
  readonly text: string;
  /** The documents that it rests on, by id: one at the least, each once, in the order of the statements that were made one. */
  readonly documents: readonly string[];
}

/** Who finds statements and makes them fewer, and how. */
export interface CondensingSettings {
  readonly room: ContextRoom;
  readonly task: string;
  readonly map: { readonly model: Model; readonly prompt: Prompt<"task" | "document"> };
  readonly reduce: { readonly model: Model; readonly prompt: Prompt<"task" | "statements"> };
  readonly maxOutputTokens: number;
  /** The most that the statements of one answer take when they are shown again, in tokens. */
  readonly answerTokens: number;
}

/** Finding statements and making them fewer, under way. */
export interface Condensing extends CondensingSettings {
  readonly work: ModelWork;
  readonly within: Starter;
}

const EXTRACTED = object({ statements: list(someText()) });

const CONDENSED = object({
  statements: list(object({ text: someText(), from: list(integer(), 1) }), 1),
});

/** What a part of a document says. */
export async function extract(
  condensing: Condensing,
  { document, text, part }: DocumentPart,
): Promise<readonly Statement[]> {
  const { map } = condensing;
  const request = extractRequest(condensing, text);
  const { statements } = await askWithin(condensing, map.model, {
    request,
    key: part === 0 ? `map ${document.id}` : `map ${document.id}, part ${part + 1}`,
    schema: EXTRACTED,
    textsOf: (answer) => answer.statements,
  });
  return statements.map((each) => ({ text: each, documents: [document.id] }));
}

/** The request for a part of a document. */
export function extractRequest(
  { map, task, maxOutputTokens }: CondensingSettings,
  text: string,
): ModelRequest {
  const document = fenced(text, fenceFor([text]));
  return { ...fillPrompt(map.prompt, { task, document }), maxOutputTokens, schema: EXTRACTED };
}

/** Fewer statements of many. */
export async function condenseStatements(
  condensing: Condensing,
  statements: readonly Statement[],
): Promise<readonly Statement[]> {
  const { reduce } = condensing;
  const answer = await askWithin(condensing, reduce.model, {
    request: condenseRequest(condensing, statements),
    key: "reduce",
    schema: CONDENSED,
    textsOf: (each) => each.statements.map(({ text }) => text),
    check: (each) => unknownNumbers(each, statements.length),
  });
  return answer.statements.map(({ text, from }) => ({
    text,
    documents: [...new Set(from.flatMap((number) => statements[number - 1]?.documents ?? []))],
  }));
}

/** The request for statements. */
export function condenseRequest(
  { reduce, task, maxOutputTokens }: CondensingSettings,
  statements: readonly Statement[],
): ModelRequest {
  const texts = describeStatements(statements.map(({ text }) => text));
  const filled = fillPrompt(reduce.prompt, { task, statements: texts });
  return { ...filled, maxOutputTokens, schema: CONDENSED };
}

function unknownNumbers(
  { statements }: DataOf<typeof CONDENSED>,
  count: number,
): readonly StandardIssue[] {
  return statements.flatMap(({ from }, index) =>
    from
      .filter((number) => number < 1 || number > count)
      .map((number) => ({
        message: `there is no statement number ${number}: they go from 1 to ${count}`,
        path: ["statements", index, "from"],
      })),
  );
}

interface Question<T> {
  readonly request: Omit<ModelRequest, "tools">;
  readonly key: string;
  readonly schema: Shape<T>;
  readonly textsOf: (answer: T) => readonly string[];
  readonly check?: (answer: T) => readonly StandardIssue[];
}

/** Asks for an answer that is not longer than it may be. */
async function askWithin<T>(
  condensing: Condensing,
  model: Model,
  { request, key, schema, textsOf, check = () => [] }: Question<T>,
): Promise<T> {
  const { work, within, room, answerTokens } = condensing;
  const tooLong = (answer: T): readonly StandardIssue[] => {
    const size = sizeOf(condensing, textsOf(answer));
    return size <= answerTokens
      ? []
      : [
          {
            message: `the statements are too long by a factor of ${(size / answerTokens).toFixed(1)}`,
          },
        ];
  };
  const checked: ModelSchema<T> = {
    jsonSchema: schema.jsonSchema,
    schema: {
      "~standard": {
        version: 1,
        vendor: "fanfold",
        validate(value) {
          const shape = schema.check(value);
          const answer = value as T; // Where nothing is wrong with its shape.
          const issues = shape.length > 0 ? shape : [...check(answer), ...tooLong(answer)];
          return issues.length > 0 ? { issues } : { value: answer };
        },
      },
    },
  };
  const around = (asked: Model): Model => room.taught(asked);
  const checkedRequest = { ...request, schema: checked };
  const { object } = await work.ask(model, checkedRequest, { within, key, around });
  return object;
}

/** More than any statement is ever given: whatever number it has, it takes no more than it was measured to. */
const GREAT_NUMBER = 1_000_000;

/** What statements take where they are shown, in tokens. */
function sizeOf({ room }: Condensing, texts: readonly string[]): number {
  return room.sizeOf({ prompt: describeStatements(texts, GREAT_NUMBER) });
}
