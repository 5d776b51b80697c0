/** What a model is told of the arguments of a tool. */
import type { JsonSchema, Tool } from "./tool.ts";

/** The version of JSON Schema that all providers read. */
const TARGET = "draft-07";

const ANYTHING: JsonSchema = { type: "object", additionalProperties: true };

/**
 * The JSON Schema of the arguments: as given, or derived from `input`.
 *
 * @throws `TypeError` when the library of the schema cannot say it.
 */
export function inputSchemaOf({ name, input, inputJsonSchema }: Tool): JsonSchema {
  if (inputJsonSchema !== undefined) {
    return inputJsonSchema;
  }
  if (input === undefined) {
    return ANYTHING;
  }
  const { jsonSchema, vendor } = input["~standard"];
  if (jsonSchema === undefined) {
    throw new TypeError(
      `Cannot describe tool "${name}" to a model as ${vendor} does not say its schemas as JSON Schema: give "inputJsonSchema"`,
    );
  }
  try {
    return jsonSchema.input({ target: TARGET });
  } catch (cause) {
    throw new TypeError(
      `Cannot describe tool "${name}" to a model as ${vendor} cannot say its schema as JSON Schema: give "inputJsonSchema"`,
      { cause },
    );
  }
}
