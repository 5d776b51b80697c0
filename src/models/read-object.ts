/** From the text of a model to data that fits a schema. */
import { describeError } from "../core/errors.ts";
import { complaintsOf } from "../tools/complaints.ts";
import type { StandardSchema } from "../tools/standard-schema.ts";
import { ModelOutputError } from "./model-output-error.ts";

/** Lines that open and close a block of code. JSON has no line breaks within its strings: the end of a block is not inside one. */
const FENCED = /^[ \t]*(`{3,}|~{3,})[^\n`]*\n([\s\S]*?)^[ \t]*\1[ \t]*$/gm;

/**
 * Reads a text as JSON and validates it. Where the text by itself is no JSON, but has one block of code between fences, that block is read.
 *
 * @throws `ModelOutputError`, as a rejection, when it is no JSON or does not fit. What the schema itself throws passes unchanged.
 * @example
 * ```ts
 * import { readObject } from "fanfold/models";
 * import { z } from "zod";
 *
 * const text = 'Here you are:\n```json\n{ "score": 7 }\n```';
 * const { score } = await readObject(text, z.object({ score: z.number() }));
 * console.log(score);
 * ```
 */
export async function readObject<T>(text: string, schema: StandardSchema<T>): Promise<T> {
  const result = await schema["~standard"].validate(parsed(text));
  if (result.issues !== undefined) {
    throw new ModelOutputError(text, complaintsOf(result.issues));
  }
  return result.value;
}

function parsed(text: string): unknown {
  if (text.trim() === "") {
    throw new ModelOutputError(text, ["It is empty"]);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    return parsedBlock(text, error);
  }
}

/** @param whole - what is wrong with the text as a whole */
function parsedBlock(text: string, whole: unknown): unknown {
  const blocks = [...text.matchAll(FENCED)].map(([, , inside = ""]) => inside);
  const [block] = blocks;
  if (blocks.length > 1) {
    throw new ModelOutputError(text, [`It has ${blocks.length} blocks of code instead of one`]);
  }
  try {
    if (block !== undefined) {
      return JSON.parse(block) as unknown;
    }
  } catch (error) {
    throw notJson(text, error);
  }
  throw notJson(text, whole);
}

function notJson(text: string, error: unknown): ModelOutputError {
  return new ModelOutputError(text, [`It is not JSON: ${describeError(error)}`]);
}
