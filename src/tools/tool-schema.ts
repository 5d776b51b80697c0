/** What a model is told of the arguments of a tool. */
import { derivedJsonSchema } from "./derived-json-schema.ts";
import type { JsonSchema, Tool } from "./tool.ts";

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
  return input === undefined
    ? ANYTHING
    : derivedJsonSchema(input, { what: `tool "${name}"`, option: "inputJsonSchema" });
}
