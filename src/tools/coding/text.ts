/** Texts for models, cut between lines. */
import { counted } from "../../core/counted.ts";

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

/** What went wrong, in no more than so many bytes but for the last line, which says how much of it is not told. */
export function problemsThatFit(problems: readonly string[], bytes: number): readonly string[] {
  const told = linesThatFit(problems, bytes);
  const left = problems.length - told.length;
  return left > 0 ? [...told, `… and ${counted(left, "more problem")}`] : told;
}
