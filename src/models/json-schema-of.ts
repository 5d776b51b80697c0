/** The shape of an answer, as models are told of it. */
import { derivedJsonSchema } from "../tools/derived-json-schema.ts";
import type { JsonSchema } from "../tools/tool.ts";
import type { ModelSchema } from "./model.ts";
import { mapSubschemas } from "./subschemas.ts";

const known = new WeakMap<ModelSchema, JsonSchema>();

/**
 * The JSON Schema of an answer: as given, or derived. What is derived allows no fields that it does not name, as some services demand;
 * a schema that says whether it does is left as it is.
 *
 * @throws `TypeError` when the library of the schema cannot say it.
 */
export function jsonSchemaOf(schema: ModelSchema): JsonSchema {
  const found = schema.jsonSchema ?? known.get(schema);
  if (found !== undefined) {
    return found;
  }
  const derived = closed(
    derivedJsonSchema(schema.schema, { what: "an answer", option: "jsonSchema" }),
  );
  known.set(schema, derived);
  return derived;
}

function closed(schema: JsonSchema): JsonSchema {
  const inner = mapSubschemas(schema, closed);
  const isOpen = "properties" in schema && !("additionalProperties" in schema);
  return isOpen ? { ...inner, additionalProperties: false } : inner;
}
