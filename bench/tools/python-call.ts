/** Reads a call that is written in Python: `tail('log.txt', lines=20)`. */

/** A call with its arguments as text, without quotes: those without a name by their place, `"0"`, `"1"`, the others by name. */
export interface PythonCall {
  readonly name: string;
  readonly args: Readonly<Record<string, string>>;
}

/** A string in quotes, a bracketed list or object without brackets inside strings, or what has neither comma nor quote. */
const VALUE = /'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|\[[^\]]*\]|\{[^}]*\}|[^\s,'"[{]+/;
const ARGUMENT = new RegExp(`(?:(\\w+)\\s*=\\s*)?(${VALUE.source})\\s*(?:,|$)\\s*`, "y");

/** @throws `SyntaxError` for what is no call with literal arguments. */
export function readPythonCall(text: string): PythonCall {
  const [, name, list] = /^(\w+)\((.*)\)$/s.exec(text.trim()) ?? [];
  if (name === undefined || list === undefined) {
    throw new SyntaxError(`Cannot read a call as it must be a name and arguments: ${text}`);
  }
  const args: Record<string, string> = {};
  ARGUMENT.lastIndex = 0;
  const trimmed = list.trim();
  for (let place = 0, from = 0; from < trimmed.length; place += 1) {
    const found = ARGUMENT.exec(trimmed);
    if (found === null) {
      throw new SyntaxError(`Cannot read a call as its arguments must be literals: ${text}`);
    }
    args[found[1] ?? String(place)] = withoutQuotes(found[2] ?? "");
    from = ARGUMENT.lastIndex;
  }
  return { name, args };
}

function withoutQuotes(value: string): string {
  return /^['"]/.test(value)
    ? value
        .slice(1, -1)
        .replaceAll(/\\(.)/gs, (_, escaped: string) => (escaped === "n" ? "\n" : escaped))
    : value;
}
