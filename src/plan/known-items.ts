/** What is known of paths before a plan runs: its inputs, and the items of an `each` where the plan or its inputs list them. */
import { escapeGlob } from "../system/glob.ts";
import { isResource, type ClaimedPath } from "./claims.ts";
import { parseText, referencesIn, soleReference, type Reference } from "./reference.ts";
import type { PlanValue } from "./settings.ts";
import { asText, walk } from "./values.ts";

/** Beyond this, a list claims as one that is not known: to hold each item against all other tasks would take too long. */
const MOST_ITEMS = 1000;

/** The values of inputs by name. */
type Inputs = Readonly<Record<string, PlanValue>>;

/** The items of a list; undefined where they, or a part of them, are known only once other tasks have ended, or there are too many. */
export function knownItems(
  each: string | readonly PlanValue[],
  inputs: Inputs,
): readonly unknown[] | undefined {
  try {
    const list = filledIn(each, inputs);
    return Array.isArray(list) && list.length <= MOST_ITEMS && referencesIn(list).length === 0
      ? list
      : undefined;
  } catch {
    return undefined; // What is wrong with a reference is reported where references are looked at.
  }
}

/** Whether a claim depends on the item. */
export function namesItem(text: string): boolean {
  return referencesIn(text).some(isOfItem);
}

/** The path with the item in place of its references to it; several where it is nothing but a reference to a list. */
export function withItem(path: ClaimedPath, item: unknown, index: number): readonly ClaimedPath[] {
  const textOf = (value: unknown): string =>
    path.isPattern && !isResource(path) ? escapeGlob(asText(value)) : asText(value);
  const valueOf = ({ root, path: way, text }: Reference): unknown =>
    walk(root === "item" ? item : index, way, text);
  const sole = soleReference(path.text);
  const texts =
    sole !== undefined && isOfItem(sole)
      ? [valueOf(sole)].flat().map(textOf)
      : [
          parseText(path.text)
            .map(({ literal, offset, end, reference }) =>
              reference !== undefined && isOfItem(reference)
                ? textOf(valueOf(reference))
                : (literal ?? path.text.slice(offset, end)),
            )
            .join(""),
        ];
  return texts.map((text) => ({ ...path, text }));
}

function isOfItem({ root }: Reference): boolean {
  return root === "item" || root === "index";
}

/** The value with its inputs; other references stay. */
function filledIn(value: unknown, inputs: Inputs): unknown {
  if (Array.isArray(value)) {
    return value.map((each) => filledIn(each, inputs));
  }
  const sole = soleReference(value);
  return sole?.root === "inputs" ? inputOf(sole, inputs) : value;
}

/** The text with its inputs, which are known before the run. Nothing but an input that is a list is as many texts. */
export function withInputs(text: string, inputs: Inputs): readonly string[] {
  const sole = soleReference(text);
  const value = sole?.root === "inputs" ? inputOf(sole, inputs) : undefined;
  if (Array.isArray(value)) {
    return value.map(asText);
  }
  const parts = parseText(text).map(({ literal, offset, end, reference }) =>
    reference?.root === "inputs"
      ? asText(inputOf(reference, inputs))
      : (literal ?? text.slice(offset, end)),
  );
  return [parts.join("")];
}

/**
 * The value of an input.
 *
 * @throws `RangeError` when it has no such value.
 */
function inputOf({ name = "", path, text }: Reference, inputs: Inputs): unknown {
  return walk(inputs, [name, ...path], text);
}
