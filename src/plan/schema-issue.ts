/** What the schema found, in words that name the value and what was probably meant. */
import type { z } from "zod";
import { innerFields } from "./schema.ts";
import type { DataPath } from "./source.ts";
import { suggest } from "../core/suggest.ts";

/** One thing that is wrong with the shape of a plan. */
export interface DescribedIssue {
  readonly path: DataPath;
  readonly message: string;
  readonly suggestion: string | undefined;
  /** Whether the name, not the value, is what is wrong. */
  readonly isKey: boolean;
  /** Whether a key may stand in its line. */
  readonly hidesLine?: boolean | undefined;
}

/** The fields of a model in whose place somebody may write a key. */
const NEAR_KEYS = ["keyFrom", "baseUrl"];

/** Names of fields that somebody may write a key in. */
const KEY_FIELD = /key|token|secret|password|auth|header/i;

/**
 * Describes an issue found below `base` in `data`; `fields` are the names that would have been right there. One issue may be about
 * several names.
 */
export function describeIssue(
  issue: z.core.$ZodIssue,
  base: DataPath,
  { data, fields }: { readonly data: unknown; readonly fields: readonly string[] },
): readonly DescribedIssue[] {
  const path = [...base, ...(issue.path as DataPath)]; // Symbols do not occur in data of YAML.
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((name) => ({
        path: [...path, name],
        ...unknownField(name, path, { data, fields: fieldsAt(issue.path, fields) }),
        isKey: true,
      }));
    case "invalid_key":
      return [
        {
          path,
          message: `Cannot use the name ${JSON.stringify(path.at(-1))} as it ${issue.issues[0]?.message ?? "is not allowed"}`,
          suggestion: undefined,
          isKey: true,
        },
      ];
    case "invalid_union": {
      const meant = issue.errors.filter((each) => !each.some(isOfAnotherType));
      const [only] = meant;
      return only === undefined || meant.length > 1
        ? [describeValue(issue, path, data)]
        : only.flatMap((inner) =>
            describeIssue({ ...inner, path: [...issue.path, ...inner.path] }, base, {
              data,
              fields,
            }),
          );
    }
    default:
      return [describeValue(issue, path, data)];
  }
}

/** A field that is not there; one of those that belong into a mapping beside it is shown its place. */
function unknownField(
  name: string,
  path: DataPath,
  { data, fields }: { readonly data: unknown; readonly fields: readonly string[] },
): Pick<DescribedIssue, "message" | "suggestion" | "hidesLine"> {
  const message = `Cannot use the field "${name}" as ${named(path)} has no such field`;
  if (path[0] === "models" && KEY_FIELD.test(name)) {
    const mend = "keys come from the environment alone: write keyFrom: <the name of the variable>";
    return { message: `${message}; ${mend}`, suggestion: undefined, hidesLine: true };
  }
  const isHeld = (field: string): boolean =>
    innerFields.get(field)?.includes(name) === true &&
    valueAt(data, [...path, field]) !== undefined;
  const holder = fields.find(isHeld);
  if (holder === undefined) {
    return { message, suggestion: suggest(name, fields) };
  }
  const [first = ""] = innerFields.get(holder) ?? [];
  const inner = [...new Set([first, name])].map((each) => `${each}: …`).join(", ");
  const mend = holder === "after" ? `[{ ${inner} }]` : `{ ${inner} }`;
  return { message: `${message}; write ${holder}: ${mend}`, suggestion: undefined };
}

function describeValue(issue: z.core.$ZodIssue, path: DataPath, data: unknown): DescribedIssue {
  const value = valueAt(data, path);
  return value === undefined
    ? {
        path: path.slice(0, -1),
        message: `Cannot read ${named(path.slice(0, -1))} as it has no field "${String(path.at(-1))}", which ${rule(issue)}`,
        suggestion: undefined,
        isKey: true,
      }
    : {
        path,
        message: `Cannot use ${named(path)} as it ${rule(issue)}${mayHoldKey(path) ? "" : `: ${shown(value)}`}`,
        suggestion: undefined,
        isKey: false,
        hidesLine: mayHoldKey(path),
      };
}

function mayHoldKey(path: DataPath): boolean {
  return path[0] === "models" && NEAR_KEYS.includes(String(path.at(-1)));
}

/** Whether one way to write a value was not meant at all, so that what else is wrong with it says nothing. */
function isOfAnotherType({ code, path }: z.core.$ZodIssue): boolean {
  return path.length === 0 && (code === "invalid_type" || code === "invalid_value");
}

/** The names that a mapping may have: those of the innermost field around it that holds a mapping of its own. */
function fieldsAt(path: readonly PropertyKey[], outer: readonly string[]): readonly string[] {
  const field = path.findLast((step) => typeof step === "string" && innerFields.has(step));
  return innerFields.get(String(field)) ?? outer;
}

function rule(issue: z.core.$ZodIssue): string {
  if (issue.message.startsWith("must ")) {
    return issue.message; // The schema says it in its own words.
  }
  if (issue.code === "invalid_type") {
    const kinds: Readonly<Record<string, string>> = {
      string: "a text",
      number: "a number",
      int: "a whole number",
      boolean: "true or false",
      object: "a mapping",
      record: "a mapping",
      array: "a list",
    };
    return `must be ${kinds[issue.expected] ?? issue.expected}`;
  }
  if (issue.code === "invalid_value") {
    return `must be ${issue.values.map((each) => String(each)).join(" or ")}`;
  }
  return `is not allowed: ${issue.message}`;
}

/** `timeout of task "lint"`, `the plan`. */
function named(path: DataPath): string {
  const [top, task, ...rest] = path;
  if (top === undefined) {
    return "the plan";
  }
  if (top !== "tasks" || task === undefined) {
    return `"${path.join(".")}"`;
  }
  return rest.length === 0 ? `task "${task}"` : `"${rest.join(".")}" of task "${task}"`;
}

function valueAt(data: unknown, path: DataPath): unknown {
  let value = data;
  for (const step of path) {
    if (typeof value !== "object" || value === null) {
      return undefined;
    }
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

function shown(value: unknown): string {
  const text = typeof value === "number" ? String(value) : JSON.stringify(value); // JSON has no NaN.
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
