/** The arguments of a tool, as a model wrote them. */
import { didYouMean } from "../core/suggest.ts";
import { Refusal } from "./refusal.ts";

/** The arguments of a call. */
export type Given = Readonly<Record<string, unknown>>;

/** How deeply what is repeated may nest. */
const DEEPEST_SHOWN = 3;

/** How much of it is repeated, in characters. */
const LONGEST_SHOWN = 80;

/**
 * The arguments of a tool that mean something.
 *
 * @throws Refusal - when there is one that the tool does not have
 */
export function argumentsOf(
  given: Given,
  { tool, known }: { readonly tool: string; readonly known: readonly string[] },
): Given {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Refusal(
      `${tool} has no argument ${shown(unknown)}${didYouMean(unknown, known)}. It has: ${known.join(", ")}`,
    );
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => !isNothing(value)));
}

/** Whether a value stands for none: some models give every field that there is, and nothing to those that they do not mean. */
export function isNothing(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === "" ||
    value === false ||
    value === 0 ||
    (Array.isArray(value) && value.length === 0)
  );
}

/** Whether a value is a list of texts. */
export function isListOfTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

/** Whether a value nests more deeply than that. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  return levels === 0 || Object.values(value).some((each) => isDeeperThan(each, levels - 1));
}

/** A value as it is repeated to whoever wrote it. */
export function shown(value: unknown): string {
  if (isDeeperThan(value, DEEPEST_SHOWN)) {
    return "what nests too deeply";
  }
  const text = JSON.stringify(value) ?? String(value);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
