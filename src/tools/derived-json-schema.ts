/** A schema of a library as JSON Schema, for models. */
import type { StandardSchema } from "./standard-schema.ts";
import type { JsonSchema } from "./tool.ts";

/** The version of JSON Schema that all providers read. */
const TARGET = "draft-07";

/**
 * What a schema takes, as JSON Schema.
 *
 * @param of - what is described, for errors, and the option by which a user can say it
 * @throws `TypeError` when the library of the schema cannot say it.
 */
export function derivedJsonSchema(
  schema: StandardSchema,
  { what, option }: { readonly what: string; readonly option: string },
): JsonSchema {
  const { jsonSchema, vendor } = schema["~standard"];
  if (jsonSchema === undefined) {
    throw new TypeError(
      `Cannot describe ${what} to a model as ${vendor} does not say its schemas as JSON Schema: give "${option}"`,
    );
  }
  try {
    return jsonSchema.input({ target: TARGET });
  } catch (cause) {
    throw new TypeError(
      `Cannot describe ${what} to a model as ${vendor} cannot say its schema as JSON Schema: give "${option}"`,
      { cause },
    );
  }
}
