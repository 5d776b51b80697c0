/** JSON Schema in a plan as the shape of an answer. Runs that ask no model do not load it. */
import { z } from "zod";
import { describeError } from "../core/errors.ts";
import type { ModelSchema } from "../models/model.ts";
import type { SettingsProblem } from "./kind.ts";
import { referencesIn } from "./reference.ts";
import type { PlanValue } from "./settings.ts";

/** JSON Schema, as data. */
type JsonSchema = Readonly<Record<string, PlanValue>>;

/**
 * What models are told, and answers are held to.
 *
 * @throws `Error` when it is no JSON Schema that can be checked.
 */
export function answerSchema(jsonSchema: JsonSchema): ModelSchema {
  return { schema: z.fromJSONSchema(jsonSchema), jsonSchema };
}

/** What is wrong with the `schema` of a task. */
export function schemaProblems({
  schema,
}: {
  readonly schema?: JsonSchema | undefined;
}): readonly SettingsProblem[] {
  if (schema === undefined) {
    return [];
  }
  const fail = (message: string): readonly SettingsProblem[] => [{ message, path: ["schema"] }];
  if (hasReferences(schema)) {
    return fail("Cannot use references in a schema, as it is the same for all runs");
  }
  try {
    answerSchema(schema);
    return [];
  } catch (error) {
    return fail(`Cannot hold answers to this JSON Schema: ${describeError(error)}`);
  }
}

function hasReferences(schema: JsonSchema): boolean {
  try {
    return referencesIn(schema).length > 0;
  } catch {
    return false; // What is wrong with one is reported where references are looked at.
  }
}
