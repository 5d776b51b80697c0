/** The shapes of answers that patterns ask for: each a schema that validates, and the same as JSON Schema. */
import type { StandardIssue, StandardSchema } from "../tools/standard-schema.ts";
import type { JsonSchema } from "../tools/tool.ts";
import { isPlainObject } from "./plain-data.ts";

/** A shape of plain data. */
export interface Shape<T> {
  readonly schema: StandardSchema<T>;
  readonly jsonSchema: JsonSchema;
  /** What is wrong with a value; nothing where it fits. */
  readonly check: (value: unknown) => readonly StandardIssue[];
}

/** The data of a shape. */
export type DataOf<S> = S extends Shape<infer T> ? T : never;

/** A shape of which a value is, by what is wrong with it, and as JSON Schema. */
function shape<T>(jsonSchema: JsonSchema, check: Shape<T>["check"]): Shape<T> {
  return {
    jsonSchema,
    check,
    schema: {
      "~standard": {
        version: 1,
        vendor: "fanfold",
        validate(value) {
          const issues = check(value);
          return issues.length > 0 ? { issues } : { value: value as T }; // It fits.
        },
      },
    },
  };
}

function must(holds: boolean, rule: string): readonly StandardIssue[] {
  return holds ? [] : [{ message: `must be ${rule}` }];
}

/** A text. */
export function text(): Shape<string> {
  return shape({ type: "string" }, (value) => must(typeof value === "string", "a text"));
}

/** A text that says something. */
export function someText(): Shape<string> {
  return shape({ type: "string", minLength: 1 }, (value) =>
    must(typeof value === "string" && value !== "", "a text, and not empty"),
  );
}

/** A finite number in a range. */
export function number(minimum = -Infinity, maximum = Infinity): Shape<number> {
  const isBounded = Number.isFinite(minimum) && Number.isFinite(maximum);
  return shape({ type: "number", ...(isBounded ? { minimum, maximum } : {}) }, (value) =>
    must(
      typeof value === "number" && Number.isFinite(value) && value >= minimum && value <= maximum,
      isBounded ? `a number from ${minimum} to ${maximum}` : "a number",
    ),
  );
}

/** An integer. */
export function integer(): Shape<number> {
  return shape({ type: "integer" }, (value) => must(Number.isSafeInteger(value), "an integer"));
}

/** True or false. */
export function boolean(): Shape<boolean> {
  return shape({ type: "boolean" }, (value) => must(typeof value === "boolean", "true or false"));
}

/** One of some texts. */
export function oneOf<const T extends string>(options: readonly T[]): Shape<T> {
  return shape({ type: "string", enum: options }, (value) =>
    must(
      options.includes(value as T),
      `one of ${options.map((each) => JSON.stringify(each)).join(", ")}`,
    ),
  );
}

/** Something, or null. */
export function orNull<T>(inner: Shape<T>): Shape<T | null> {
  return shape({ anyOf: [inner.jsonSchema, { type: "null" }] }, (value) =>
    value === null ? [] : inner.check(value),
  );
}

/** A list, of so many items at the least. */
export function list<T>(item: Shape<T>, minItems = 0): Shape<T[]> {
  const jsonSchema = {
    type: "array",
    items: item.jsonSchema,
    ...(minItems > 0 ? { minItems } : {}),
  };
  return shape(jsonSchema, (value) => {
    if (!Array.isArray(value) || value.length < minItems) {
      return must(false, minItems > 0 ? `a list of ${minItems} or more` : "a list");
    }
    return value.flatMap((each, index) => at(index, item.check(each)));
  });
}

/** An object with these fields, all of them, and no others. */
export function object<F extends Readonly<Record<string, Shape<unknown>>>>(
  fields: F,
): Shape<{ -readonly [K in keyof F]: DataOf<F[K]> }> {
  const names = Object.keys(fields);
  const properties = Object.fromEntries(names.map((name) => [name, fields[name]?.jsonSchema]));
  return shape(
    { type: "object", properties, required: names, additionalProperties: false },
    (value) => {
      if (!isPlainObject(value)) {
        return must(false, "an object");
      }
      return names.flatMap((name) => at(name, fields[name]?.check(value[name]) ?? []));
    },
  );
}

/** Issues of a part, as those of the whole. */
export function at(key: PropertyKey, issues: readonly StandardIssue[]): readonly StandardIssue[] {
  return issues.map((issue) => ({ ...issue, path: [key, ...(issue.path ?? [])] }));
}
