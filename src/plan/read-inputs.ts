/** The inputs of a plan: their defaults, and the values set in their place. */
import type { Place, PlanProblem } from "./plan-error.ts";
import type { PlanValue } from "./settings.ts";
import { didYouMean } from "../core/suggest.ts";

/**
 * The inputs with their values. A text that was set is read as what the default is: a number, true or false, a list or object
 * as JSON, else the text itself. An input without a default (`null`) must be set.
 *
 * @throws `RangeError` when a name that was set is not an input, or its text cannot be read as what the default is.
 */
export function readInputs(
  defaults: Readonly<Record<string, PlanValue>>,
  set: Readonly<Record<string, string>>,
  problems: {
    place(name: string): Place;
    report(problem: PlanProblem): void;
  },
): Readonly<Record<string, PlanValue>> {
  for (const name of Object.keys(set)) {
    if (!Object.hasOwn(defaults, name)) {
      const hint = didYouMean(name, Object.keys(defaults));
      throw new RangeError(`Cannot set "${name}" as the plan has no such input${hint}`);
    }
  }
  const entries = Object.entries(defaults).map(([name, value]) => {
    const given = Object.hasOwn(set, name) ? set[name] : undefined;
    if (given === undefined && value === null) {
      const message = `Cannot run as input "${name}" has no value; give it one with --set ${name}=<value>`;
      problems.report({ ...problems.place(name), message, suggestion: undefined });
    }
    return [name, given === undefined ? value : readAs(name, given, value)] as const;
  });
  return Object.fromEntries(entries);
}

function readAs(name: string, text: string, value: PlanValue): PlanValue {
  const fail = (what: string): never => {
    throw new RangeError(`Cannot set "${name}" as it must be ${what}: ${text}`);
  };
  switch (typeof value) {
    case "number":
      return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : fail("a number");
    case "boolean":
      return text === "true" ? true : text === "false" ? false : fail("true or false");
    case "object":
      return value === null
        ? text
        : (readJson(text, Array.isArray(value)) ??
            fail(Array.isArray(value) ? "a list as JSON" : "a mapping as JSON"));
    default:
      return text;
  }
}

/** Undefined for what is not JSON, or neither the list nor the mapping that it must be. */
function readJson(text: string, isList: boolean): PlanValue | undefined {
  try {
    const value = JSON.parse(text) as PlanValue; // JSON holds nothing else.
    const isRight = typeof value === "object" && value !== null && Array.isArray(value) === isList;
    return isRight ? value : undefined;
  } catch {
    return undefined;
  }
}
