/** Ways to look at a text that a task returned: its lines, or the JSON that it is. */

/** The lines of a text, without their ends. An empty text has none. */
export function linesOf(text: string): readonly string[] {
  const trimmed = text.replace(/(?:\r?\n)+$/, "");
  return trimmed === "" ? [] : trimmed.split(/\r?\n/);
}

/**
 * The JSON that a text is.
 *
 * @throws `SyntaxError` that shows where the text is not JSON.
 */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const start = text.trimStart().slice(0, 80);
    throw new SyntaxError(
      `Cannot read the output as JSON: ${(error as Error).message}; it begins with ${JSON.stringify(start)}`,
    ); // JSON.parse throws nothing else.
  }
}
