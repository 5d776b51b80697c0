/** `${NAME}` in the values of a file of servers: the environment of whoever starts the gateway. */

/** `${NAME}`, `${env:NAME}`, and `${NAME:-what stands for it where it is not set}`. */
const VARIABLE = /\$\{(?:env:)?([A-Za-z_]\w*)(?::-([^}]*))?\}/g;

/** A text with its variables filled in, and the values that were; or the name of one that is not set. */
type Expanded =
  | { readonly text: string; readonly values: Readonly<Record<string, string>> }
  | { readonly missing: string };

/** Fills in the variables of a text. What they stand for is not looked at again. */
export function expandVariables(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): Expanded {
  const values: Record<string, string> = {};
  let missing: string | undefined;
  const expanded = text.replaceAll(VARIABLE, (_, name: string, instead: string | undefined) => {
    const value = environment[name];
    if (value === undefined) {
      missing ??= instead === undefined ? name : undefined;
      return instead ?? "";
    }
    values[name] = value;
    return value;
  });
  return missing === undefined ? { text: expanded, values } : { missing };
}
