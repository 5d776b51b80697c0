/** Prompts as data: words with places for what is put in, and fences around what nobody should obey. */

/**
 * What a model is told, as data: shown, replaced and compared like any other value.
 *
 * In `template`, `{{name}}` stands for what is put in. What was put in is not read again: a `{{name}}` in it stays as it is.
 */
export interface Prompt<Name extends string> {
  readonly name: string;
  /** Grows whenever the words change: results of different versions are not compared without a thought. */
  readonly version: number;
  /** The system prompt: the same for all calls of a fan-out. */
  readonly instructions: string;
  /** The user's prompt. */
  readonly template: string;
  /** What the template has places for; each is used once or more. */
  readonly places: readonly Name[];
}

/** The texts of a request. */
export interface FilledPrompt {
  readonly instructions: string;
  readonly prompt: string;
}

const PLACE = /\{\{(\w+)\}\}/g;

/**
 * Puts values into a prompt, all at once.
 *
 * @throws `TypeError` when the template has a place that is not there to be filled, or none for what must be said.
 * @example
 * ```ts
 * import { fillPrompt } from "fanfold/models";
 *
 * const greeting = { name: "greeting", version: 1, instructions: "Be brief.", template: "Greet {{who}}.", places: ["who"] } as const;
 * console.log(fillPrompt(greeting, { who: "{{who}}" }).prompt);
 * ```
 */
export function fillPrompt<Name extends string>(
  prompt: Prompt<Name>,
  values: Readonly<Record<NoInfer<Name>, string>>,
): FilledPrompt {
  const { name, template, places } = prompt;
  const found = new Set([...template.matchAll(PLACE)].map(([, place = ""]) => place));
  const missing = places.find((place) => !found.has(place));
  if (missing !== undefined) {
    throw new TypeError(`Cannot fill prompt "${name}" as it has no place for {{${missing}}}`);
  }
  const filled = template.replaceAll(PLACE, (_all, place: string) => {
    if (!Object.hasOwn(values, place)) {
      throw new TypeError(`Cannot fill prompt "${name}" as nothing is there for {{${place}}}`);
    }
    return values[place as Name];
  });
  return { instructions: prompt.instructions, prompt: filled };
}

/**
 * A fence that none of the texts contains: tildes, one more than the longest run of them, and four at the least. What stands between two
 * of them cannot end early, whatever it says.
 */
export function fenceFor(texts: readonly string[]): string {
  const runs = texts.flatMap((text) => text.match(/~+/g) ?? []);
  return "~".repeat(runs.reduce((most, run) => Math.max(most, run.length + 1), 4));
}

/** A text between two fences. */
export function fenced(text: string, fence: string): string {
  return `${fence}\n${text}\n${fence}`;
}

/** A value as a model reads it: a text as it is, data as JSON. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value, undefined, 2) ?? "nothing");
}

/** A name as it stands in a line of a prompt: in quotes, without anything that breaks the line. */
export function quoted(text: string): string {
  return JSON.stringify(text).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

/** The material of a task, as prompts show it; nothing where there is none. */
export function describeInput(input: string | undefined): string {
  return input === undefined ? "" : `The material:\n${fenced(input, fenceFor([input]))}\n\n`;
}
