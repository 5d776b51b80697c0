/** Where in a JSON Schema other schemas are. */
import type { JsonSchema } from "../tools/tool.ts";
import { isPlainObject } from "./plain-data.ts";

/** Keywords whose value is a schema, or a list of them. */
const IN_PLACE: readonly string[] = [
  "items",
  "prefixItems",
  "contains",
  "additionalProperties",
  "propertyNames",
  "anyOf",
  "oneOf",
  "not",
  "if",
  "then",
  "else",
];

/** Keywords whose value has a schema for each of its fields. */
const BY_NAME: readonly string[] = ["properties", "patternProperties", "definitions", "$defs"];

/** A schema with each of those in it replaced, those of `allOf` apart: they hold together, and none of them can be changed by itself. */
export function mapSubschemas(
  schema: JsonSchema,
  change: (inner: JsonSchema) => unknown,
): JsonSchema {
  const changed = (value: unknown): unknown => (isSchema(value) ? change(value) : value);
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => {
      if (IN_PLACE.includes(keyword)) {
        return [keyword, Array.isArray(value) ? value.map(changed) : changed(value)];
      }
      if (BY_NAME.includes(keyword) && isSchema(value)) {
        const fields = Object.entries(value).map(([name, each]) => [name, changed(each)]);
        return [keyword, Object.fromEntries(fields)];
      }
      return [keyword, value];
    }),
  );
}

function isSchema(value: unknown): value is JsonSchema {
  return isPlainObject(value);
}
