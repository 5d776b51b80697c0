/** What steps and calls have in common that are given together: a list, ids, an order, and what a failure does. */
import { isPlainObject } from "../tools/plain-object.ts";
import { findReferences } from "../tools/references.ts";
import { isListOfTexts, isNothing, shown, type Given } from "./given.ts";
import { Refusal } from "./refusal.ts";

/** How many may be given together. */
const MOST_STEPS = 50;

/** How many things that are wrong are told. */
const MOST_COMPLAINTS = 10;

const ID = /^[\w.-]{1,64}$/;

/**
 * The list of a batch. Some models write it as a text.
 *
 * @throws Refusal - when it is none, or has none or too many
 */
export function listOf(
  given: unknown,
  { name, example }: { readonly name: string; readonly example: string },
): readonly unknown[] {
  let steps = given;
  if (typeof given === "string") {
    try {
      steps = JSON.parse(given) as unknown;
    } catch {
      steps = given;
    }
  }
  if (!Array.isArray(steps) || steps.length === 0 || steps.length > MOST_STEPS) {
    const count = Array.isArray(steps) ? `, not of ${steps.length}` : "";
    throw new Refusal(
      `"${name}" must be a list of 1 to ${MOST_STEPS} ${name}${count}, such as ${example}`,
    );
  }
  return steps;
}

/**
 * What a failure does to the others.
 *
 * @throws Refusal - when it is neither of the two
 */
export function failureOf(given: unknown): "continue" | "stop" {
  if (isNothing(given)) {
    return "continue";
  }
  if (given !== "continue" && given !== "stop") {
    throw new Refusal(`"failure" must be "continue" or "stop": ${shown(given)}`);
  }
  return given;
}

/** Whether a value can be an id. */
export function isId(value: unknown): value is string {
  return typeof value === "string" && ID.test(value);
}

/** What is wrong with what can be none. */
export function wrongId(value: unknown): string {
  return `"id" must be 1 to 64 letters, digits, "_", "." or "-": ${shown(value)}; leave it out where nothing refers to it`;
}

/** The ids of a list, which may be one alone; undefined where it is something else. */
export function idsIn(given: unknown): readonly string[] | undefined {
  const names = isNothing(given) ? [] : typeof given === "string" ? [given] : given;
  return isListOfTexts(names) ? names : undefined;
}

/** The ids that two of a batch have. */
export function repeatedIds(steps: readonly { readonly id: string }[]): readonly string[] {
  const ids = steps.map(({ id }) => id);
  const repeated = ids.filter((id, index) => ids.indexOf(id) < index);
  return [...new Set(repeated)].map(
    (id) => `two steps have the id ${JSON.stringify(id)}: give each its own, or none`,
  );
}

/** References by the number of a step become references by its id, as steps may be handed over in another order. */
export function withIds(fields: Given, steps: readonly { readonly id: string }[]): Given {
  const rename = (value: unknown): unknown => {
    if (Array.isArray(value)) {
      return value.map(rename);
    }
    if (!isPlainObject(value)) {
      return value;
    }
    const from = value["$from"];
    if (typeof from === "number" && findReferences(value).length === 1) {
      return { ...value, $from: steps[from - 1]?.id ?? from };
    }
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, rename(each)]));
  };
  return rename(fields) as Given; // An object stays one.
}

/** Says what is wrong with a batch. */
export function refusalOf(complaints: readonly string[]): Refusal {
  const left = complaints.length - MOST_COMPLAINTS;
  const more = left > 0 ? [`and ${left} more`] : [];
  return new Refusal(
    [
      "Nothing was run. Correct this and call again:",
      ...[...complaints.slice(0, MOST_COMPLAINTS), ...more].map((line) => `- ${line}`),
    ].join("\n"),
  );
}
