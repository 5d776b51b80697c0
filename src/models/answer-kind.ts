/** What kind of answer is voted on: how it is read, and what answers are told apart by. */
import type { VoteKey } from "../patterns/rules/rule.ts";
import type { JsonSchema } from "../tools/tool.ts";
import type { StandardResult, StandardSchema } from "../tools/standard-schema.ts";
import { jsonSchemaOf } from "./json-schema-of.ts";
import type { ModelSchema } from "./model.ts";
import { canonical, isPlainObject } from "./plain-data.ts";
import { at, boolean, number, object, oneOf, text, type DataOf, type Shape } from "./shape.ts";

/** A text, a number, yes or no, one of some texts, or whatever a schema says. */
export type AnswerKind = "text" | "number" | "boolean" | readonly string[] | ModelSchema;

/** The answers of a kind. */
export type AnswerOf<K extends AnswerKind> = K extends "text"
  ? string
  : K extends "number"
    ? number
    : K extends "boolean"
      ? boolean
      : K extends readonly (infer A)[]
        ? A
        : K extends ModelSchema<infer A>
          ? A
          : never;

/** What a voter says. */
export interface Opinion<A> {
  /** Comes first, so that a model thinks before it answers. */
  readonly reasoning: string;
  readonly answer: A;
  /** How sure the voter is, from 0 to 1. */
  readonly confidence: number;
}

const REST = object({ reasoning: text(), confidence: number(0, 1) });

/**
 * The schema of an opinion whose answer is of a kind. A model that writes an answer a little otherwise is understood: "Yes." is true, "42"
 * a number, and " Safe" the text "safe" of a list.
 *
 * @throws `TypeError` when a list of texts is empty, or has two that are told apart by nothing but case and punctuation.
 */
export function opinionSchema<K extends AnswerKind>(kind: K): ModelSchema<Opinion<AnswerOf<K>>> {
  const { schema, jsonSchema } = schemaOf(kind);
  return {
    schema: {
      "~standard": {
        version: 1,
        vendor: "fanfold",
        validate: async (value) =>
          (await validate(value, schema)) as StandardResult<Opinion<AnswerOf<K>>>, // Of that kind.
      },
    },
    jsonSchema: {
      type: "object",
      properties: {
        reasoning: { type: "string" },
        answer: jsonSchema,
        confidence: { type: "number", minimum: 0, maximum: 1 },
      },
      required: ["reasoning", "answer", "confidence"],
      additionalProperties: false,
    },
  };
}

async function validate(
  value: unknown,
  schema: StandardSchema,
): Promise<StandardResult<Opinion<unknown>>> {
  const rest = REST.check(value);
  const given = isPlainObject(value) ? value["answer"] : undefined;
  const answer = await schema["~standard"].validate(given);
  if (rest.length === 0 && answer.issues === undefined) {
    const { reasoning, confidence } = value as DataOf<typeof REST>; // Nothing is wrong with it.
    return { value: { reasoning, answer: answer.value, confidence } };
  }
  return { issues: [...rest, ...at("answer", answer.issues ?? [])] };
}

interface KnownSchema {
  readonly schema: StandardSchema;
  readonly jsonSchema: JsonSchema;
}

function schemaOf(kind: AnswerKind): KnownSchema {
  switch (kind) {
    case "text":
      return text();
    case "number":
      return lenient(number(), readNumber);
    case "boolean":
      return lenient(boolean(), readBoolean);
    default:
      return isChoice(kind)
        ? choice(kind)
        : { schema: kind.schema, jsonSchema: jsonSchemaOf(kind) };
  }
}

/** What `Array.isArray` says, for lists that are not to be changed. */
function isChoice(kind: readonly string[] | ModelSchema): kind is readonly string[] {
  return Array.isArray(kind);
}

/** A schema that also takes what `read` makes fit. */
function lenient(
  { schema, jsonSchema }: Shape<unknown>,
  read: (given: unknown) => unknown,
): KnownSchema {
  const validate = (value: unknown) => schema["~standard"].validate(read(value));
  return { schema: { "~standard": { version: 1, vendor: "fanfold", validate } }, jsonSchema };
}

function choice(options: readonly string[]): KnownSchema {
  const byKey = new Map(options.map((option) => [plainText(option), option]));
  if (options.length === 0 || byKey.size < options.length) {
    throw new TypeError(
      `Cannot vote as the answers to choose from must be some, and different: ${JSON.stringify(options)}`,
    );
  }
  return lenient(oneOf(options), (value) =>
    typeof value === "string" ? (byKey.get(plainText(value)) ?? value) : value,
  );
}

function readNumber(value: unknown): unknown {
  const isWritten =
    typeof value === "string" && /^\s*[+-]?\d+(\.\d+)?(e[+-]?\d+)?\s*$/i.test(value);
  return isWritten ? Number(value) : value;
}

function readBoolean(value: unknown): unknown {
  if (typeof value !== "string") {
    return value;
  }
  const text = plainText(value);
  return text === "true" || text === "yes"
    ? true
    : text === "false" || text === "no"
      ? false
      : value;
}

/** What answers of a kind are told apart by: those of a list by themselves, all others by {@link answerKey}. */
export function keyOfKind(kind: AnswerKind): (answer: unknown) => VoteKey | undefined {
  const isOption = typeof kind === "object" && isChoice(kind);
  return isOption ? (answer) => answer as string : answerKey; // The schema lets nothing else through.
}

/** What an answer that somebody wrote as a text is told apart by, among answers of a kind; undefined where it is none of them. */
export function keyOfWritten(
  kind: "text" | "number" | "boolean" | readonly string[],
  text: string,
): VoteKey | undefined {
  switch (kind) {
    case "text":
      return answerKey(text);
    case "number": {
      const number = readNumber(text);
      return typeof number === "number" ? answerKey(number) : undefined;
    }
    case "boolean": {
      const answer = readBoolean(text);
      return typeof answer === "boolean" ? answer : undefined;
    }
    default:
      return kind.find((option) => plainText(option) === plainText(text));
  }
}

/**
 * What answers of any kind are told apart by: texts without regard to case, spaces, quotes around them and marks at their end; numbers to
 * twelve digits; data by what it holds. Undefined for an empty text, which abstains.
 */
export function answerKey(answer: unknown): VoteKey | undefined {
  switch (typeof answer) {
    case "string":
      return plainText(answer) || undefined;
    case "number":
      return Number(answer.toPrecision(12)) + 0; // Adding 0 makes -0 and 0 the same.
    case "boolean":
    case "bigint":
      return answer;
    default:
      return answer === undefined || answer === null ? undefined : canonical(answer);
  }
}

/** A text without what a model may write one way or the other. Only marks at the end go: "C" and "C++" stay apart, ".net" keeps its point. */
export function plainText(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/\s+/gu, " ")
    .replaceAll(/^[\s"'`“”‘’«»]+|[\s"'`“”‘’«».,;:!?]+$/gu, "");
}
