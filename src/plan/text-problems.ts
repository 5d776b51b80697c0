/** What can be said of the texts of a plan before it runs. */
import { describeError } from "../core/errors.ts";
import type { SettingsProblem } from "./kind.ts";
import { literalText } from "./reference.ts";
import type { DataPath } from "./source.ts";

/** What is wrong with a text that has no references, if `read` throws at it. */
export function textProblems(
  text: string,
  path: DataPath,
  read: (text: string) => unknown,
): readonly SettingsProblem[] {
  const literal = literalText(text);
  if (literal === undefined) {
    return []; // Known when the task runs.
  }
  try {
    read(literal);
    return [];
  } catch (error) {
    return [{ message: describeError(error), path }];
  }
}
