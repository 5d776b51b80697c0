/** Which schemas OpenAI takes as strict ones: others are refused with a status of 400, and have to be sent as those that are not. */
import type { JsonSchema } from "../../tools/tool.ts";
import { mapSubschemas } from "../subschemas.ts";

/** The keywords of "Structured model outputs", section "Supported schemas", of the documentation of OpenAI. */
const TAKEN: readonly string[] = [
  "$schema",
  "$ref",
  "$defs",
  "definitions",
  "title",
  "description",
  "type",
  "properties",
  "required",
  "additionalProperties",
  "items",
  "enum",
  "const",
  "anyOf",
  "pattern",
  "format",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minItems",
  "maxItems",
];

/** Whether a whole schema can be sent as strict: an object at the top, every field required, no others allowed, no other keywords. */
export function isStrict(schema: JsonSchema): boolean {
  return schema["type"] === "object" && fits(schema);
}

function fits(schema: JsonSchema): boolean {
  const { properties, required = [], additionalProperties } = schema;
  const names = Object.keys(properties ?? {});
  const isObject = schema["type"] === "object" || properties !== undefined;
  if (isObject && additionalProperties !== false) {
    return false;
  }
  let inner = names.every((name) => Array.isArray(required) && required.includes(name));
  mapSubschemas(schema, (each) => {
    inner &&= fits(each);
    return each;
  });
  return inner && Object.keys(schema).every((keyword) => TAKEN.includes(keyword));
}
