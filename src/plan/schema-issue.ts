/** What the schema found, in words that name the value and what was probably meant. */
import type { z } from "zod";
import type { DataPath } from "./source.ts";
import { suggest } from "./suggest.ts";

/** One thing that is wrong with the shape of a plan. */
export interface DescribedIssue {
  readonly path: DataPath;
  readonly message: string;
  readonly suggestion: string | undefined;
  /** Whether the name, not the value, is what is wrong. */
  readonly isKey: boolean;
}

/** Describes an issue found below `base` in `data`; `fields` are the names that would have been right. */
export function describeIssue(
  issue: z.core.$ZodIssue,
  base: DataPath,
  { data, fields }: { readonly data: unknown; readonly fields: readonly string[] },
): DescribedIssue {
  const path = [...base, ...(issue.path as DataPath)]; // Symbols do not occur in data of YAML.
  if (issue.code === "unrecognized_keys") {
    const [name = ""] = issue.keys;
    return {
      path: [...path, name],
      message: `Cannot use the field "${name}" as ${named(path)} has no such field`,
      suggestion: suggest(name, fields),
      isKey: true,
    };
  }
  if (issue.code === "invalid_key") {
    const name = path.at(-1);
    return {
      path,
      message: `Cannot use the name ${JSON.stringify(name)} as it ${issue.issues[0]?.message ?? "is not allowed"}`,
      suggestion: undefined,
      isKey: true,
    };
  }
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
        message: `Cannot use ${named(path)} as it ${rule(issue)}: ${shown(value)}`,
        suggestion: undefined,
        isKey: false,
      };
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
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
