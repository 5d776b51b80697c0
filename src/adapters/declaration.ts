/** What a user says of a tool that was written for something else. */
import { didYouMean } from "../core/suggest.ts";
import type { Tool } from "../tools/tool.ts";

/** What can be declared of a tool that was written for something else: all that a tool of Fanfold declares, but what it is and does. */
export type ToolDeclaration<Input = unknown> = Omit<
  Tool<Input>,
  "name" | "description" | "input" | "inputJsonSchema" | "format" | "run"
>;

/** Declarations by the name of the tool. One that is not named declares nothing, and its calls run alone. */
export type ToolDeclarations = Readonly<Record<string, ToolDeclaration>>;

/**
 * Checks that every declaration is of a tool that exists: one that is misspelt would be lost without a word.
 *
 * @throws `TypeError` that names the first which is not, and what was probably meant.
 */
export function checkDeclared(
  declared: ToolDeclarations,
  names: Iterable<string>,
  owner: string,
): void {
  const known = [...names];
  for (const name of Object.keys(declared)) {
    if (!known.includes(name)) {
      throw new TypeError(
        `Cannot declare tool "${name}" as ${owner} has none of that name${didYouMean(name, known)}`,
      );
    }
  }
}
