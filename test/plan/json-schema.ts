/** As much of JSON Schema draft 7 as the schema of plans uses: which keywords there are, and what they accept. */

/** A schema, or a part of one. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly propertyNames?: JsonSchema;
  readonly items?: JsonSchema | readonly JsonSchema[];
  readonly additionalItems?: JsonSchema | boolean;
  readonly minItems?: number;
  readonly minProperties?: number;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly anyOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
  readonly [keyword: string]: unknown;
}

const TYPES = ["string", "number", "integer", "boolean", "null", "array", "object"];

const isText = (value: unknown): boolean => typeof value === "string";
const isNumber = (value: unknown): boolean => typeof value === "number";
const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0;
const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isSchema = (value: unknown): boolean => isMapping(value) || typeof value === "boolean";
const areSchemas = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every(isSchema);
const haveSchemas = (value: unknown): boolean =>
  isMapping(value) && Object.values(value).every(isSchema);

/** The keywords that a schema may have, each with what its value must be. */
export const KEYWORDS: Readonly<Record<string, (value: unknown, root: JsonSchema) => boolean>> = {
  $schema: isText,
  title: isText,
  description: isText,
  $ref: (value, root) => resolveReference(String(value), root) !== undefined,
  type: (value) => [value].flat().every((each) => TYPES.includes(String(each))),
  enum: (value) => Array.isArray(value) && value.length > 0,
  const: () => true,
  properties: haveSchemas,
  required: (value) => Array.isArray(value) && value.every(isText),
  additionalProperties: isSchema,
  propertyNames: isSchema,
  items: (value) => isSchema(value) || areSchemas(value),
  additionalItems: isSchema,
  minItems: isCount,
  minProperties: isCount,
  minLength: isCount,
  minimum: isNumber,
  maximum: isNumber,
  exclusiveMinimum: isNumber,
  exclusiveMaximum: isNumber,
  pattern: (value) => isText(value) && new RegExp(String(value), "u") instanceof RegExp,
  anyOf: areSchemas,
  allOf: areSchemas,
  definitions: haveSchemas,
};

/** The schema and all the schemas in it. */
export function subschemasOf(schema: JsonSchema): readonly JsonSchema[] {
  const { properties, definitions, items, anyOf, allOf } = schema;
  const { additionalProperties, propertyNames, additionalItems } = schema;
  const inner = [
    ...Object.values(properties ?? {}),
    ...Object.values(definitions ?? {}),
    ...[items ?? []].flat(),
    ...(anyOf ?? []),
    ...(allOf ?? []),
    ...[additionalProperties, propertyNames, additionalItems],
  ];
  return [schema, ...inner.flatMap((each) => (isMapping(each) ? subschemasOf(each) : []))];
}

/** Whether a schema, a part of `root`, accepts a value. */
export function accepts(schema: JsonSchema | boolean, value: unknown, root: JsonSchema): boolean {
  if (typeof schema === "boolean") {
    return schema;
  }
  if (schema.$ref !== undefined) {
    return accepts(resolveReference(schema.$ref, root) ?? false, value, root);
  }
  const { anyOf, allOf = [] } = schema;
  return (
    [schema.type].flat().some((type) => hasType(type, value)) &&
    (schema.enum?.includes(value) ?? true) &&
    (!("const" in schema) || schema.const === value) &&
    (typeof value !== "string" || acceptsText(schema, value)) &&
    (typeof value !== "number" || acceptsNumber(schema, value)) &&
    (!Array.isArray(value) || acceptsList(schema, value, root)) &&
    (!isMapping(value) || acceptsMapping(schema, value, root)) &&
    (anyOf?.some((each) => accepts(each, value, root)) ?? true) &&
    allOf.every((each) => accepts(each, value, root))
  );
}

function hasType(type: string | undefined, value: unknown): boolean {
  switch (type) {
    case undefined:
      return true;
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isMapping(value);
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function acceptsText({ minLength = 0, pattern = "" }: JsonSchema, value: string): boolean {
  return value.length >= minLength && new RegExp(pattern, "u").test(value);
}

function acceptsNumber(schema: JsonSchema, value: number): boolean {
  const { minimum = -Infinity, maximum = Infinity } = schema;
  const { exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity } = schema;
  return (
    value >= minimum && value <= maximum && value > exclusiveMinimum && value < exclusiveMaximum
  );
}

function acceptsList(
  { minItems = 0, items = {}, additionalItems = true }: JsonSchema,
  value: readonly unknown[],
  root: JsonSchema,
): boolean {
  const schemaAt = (index: number): JsonSchema | boolean =>
    Array.isArray(items)
      ? ((items as readonly JsonSchema[])[index] ?? additionalItems)
      : (items as JsonSchema);
  return (
    value.length >= minItems && value.every((each, index) => accepts(schemaAt(index), each, root))
  );
}

function acceptsMapping(
  schema: JsonSchema,
  value: Readonly<Record<string, unknown>>,
  root: JsonSchema,
): boolean {
  const { properties = {}, additionalProperties = true, propertyNames = {} } = schema;
  const { required = [], minProperties = 0 } = schema;
  return (
    Object.keys(value).length >= minProperties &&
    required.every((name) => Object.hasOwn(value, name)) &&
    Object.entries(value).every(
      ([name, each]) =>
        accepts(propertyNames, name, root) &&
        accepts(
          Object.hasOwn(properties, name) ? properties[name]! : additionalProperties,
          each,
          root,
        ),
    )
  );
}

function resolveReference(reference: string, root: JsonSchema): JsonSchema | undefined {
  const [, name = ""] = /^#\/definitions\/([^/]+)$/.exec(reference) ?? [];
  return root.definitions?.[name];
}
