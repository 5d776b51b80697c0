/** Texts for models: counted, and cut between lines. */

/** `1 line`, `2 lines`, `12,345 lines`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}

/** A line no longer than that, with what was left out of it. */
export function shortLine(line: string, length: number): string {
  const left = line.length - length;
  return left > 0
    ? `${line.slice(0, length).replace(/[\ud800-\udbff]$/, "")}… (${counted(left, "more character")})`
    : line;
}

/** The first of the lines that fit into so many bytes together, a line end each. */
export function linesThatFit(lines: readonly string[], bytes: number): readonly string[] {
  let left = bytes;
  const end = lines.findIndex((line) => {
    left -= Buffer.byteLength(line) + 1;
    return left < 0;
  });
  return end === -1 ? lines : lines.slice(0, end);
}
