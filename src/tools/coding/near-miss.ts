/** Says what in a file is most like a text that is not in it, and in what it differs. */

/** How many comparisons of lines are worth it. */
const MOST_COMPARISONS = 20_000_000;

/** How much of a line is shown, in characters. */
const SHOWN_LENGTH = 120;

/** What is written in more than one way, and taken for one another by mistake. */
const LOOKALIKES: readonly (readonly [RegExp, string])[] = [
  [/[\u2018\u2019\u201a\u2032]/g, "'"],
  [/[\u201c\u201d\u201e\u2033]/g, '"'],
  [/[\u2010-\u2015\u2212]/g, "-"],
  [/\u2026/g, "..."],
];

/**
 * A phrase that follows "is not in the file".
 *
 * Compares line by line, without regard to spaces, quotation marks and dashes of other kinds: the first line of the wanted text may be the
 * end of a line, and the last one the beginning of a line.
 */
export function describeNearest(content: string, wanted: string): string {
  if (content === "") {
    return "; it is empty: write it with write_file";
  }
  const unnumbered = withoutLineNumbers(wanted);
  if (unnumbered !== undefined && content.replaceAll("\r\n", "\n").includes(unnumbered)) {
    return "; without the line numbers it is: leave them out";
  }
  const lines = content.split(/\r?\n/);
  const parts = wanted.split("\n");
  const nearest = nearestWindow(lines, parts);
  if (nearest === undefined) {
    return "; read it again, and copy the text as it is there";
  }
  const { start, same, compared } = nearest;
  const differs = parts.findIndex(
    (part, index) => !isAt(lines[start + index] ?? "", part, index, parts.length),
  );
  const is = lines[start + differs] ?? "";
  const where = `line ${start + differs + 1}`;
  const how =
    same === compared
      ? differenceOf(is, parts[differs] ?? "")
      : `differs in ${count(compared - same)}`;
  return `; the nearest begins at line ${start + 1} and ${how}: ${where} is ${shown(is)}, the old text has ${shown(parts[differs] ?? "")}`;
}

interface Window {
  /** The first line, counted from 0. */
  readonly start: number;
  /** How many lines that are not blank are the same. */
  readonly same: number;
  /** How many lines that are not blank there are. */
  readonly compared: number;
}

/** Where the most lines are the same; undefined where none are. */
function nearestWindow(lines: readonly string[], parts: readonly string[]): Window | undefined {
  if (lines.length * parts.length > MOST_COMPARISONS) {
    return undefined;
  }
  const plain = lines.map(normalise);
  const wanted = parts.map(normalise);
  const compared = wanted.filter((part) => part !== "").length;
  let best: Window | undefined;
  for (let start = 0; start < plain.length; start += 1) {
    let same = 0;
    for (const [index, part] of wanted.entries()) {
      same += part !== "" && isAt(plain[start + index] ?? "", part, index, wanted.length) ? 1 : 0;
    }
    if (same > (best?.same ?? 0)) {
      best = { start, same, compared };
    }
  }
  return best;
}

/** Whether a part of the wanted text stands in a line: the first at its end, the last at its beginning, one alone anywhere. */
function isAt(line: string, part: string, index: number, parts: number): boolean {
  if (parts === 1) {
    return line.includes(part);
  }
  if (index === 0) {
    return line.endsWith(part);
  }
  return index === parts - 1 ? line.startsWith(part) : line === part;
}

function normalise(line: string): string {
  const plain = LOOKALIKES.reduce(
    (text, [from, to]) => text.replace(from, to),
    line.normalize("NFKC"),
  );
  return plain.replace(/\s+/g, "");
}

function differenceOf(is: string, wanted: string): string {
  const [one, other] = [is, wanted].map((line) => line.replace(/\s+/g, ""));
  return one?.includes(other ?? "") === true
    ? "differs in white space"
    : "differs in characters that look alike";
}

/** The text without numbers in front of all its lines, as files are shown; undefined where it has none. */
function withoutLineNumbers(text: string): string | undefined {
  const lines = text.split("\n");
  const numbered = /^\s*\d+\t/;
  return lines.every((line) => line === "" || numbered.test(line)) &&
    lines.some((line) => line !== "")
    ? lines.map((line) => line.replace(numbered, "")).join("\n")
    : undefined;
}

function count(lines: number): string {
  return lines === 1 ? "one line" : `${lines} lines`;
}

/** With white space that would not be seen. */
function shown(line: string): string {
  return JSON.stringify(line.length > SHOWN_LENGTH ? `${line.slice(0, SHOWN_LENGTH)}…` : line);
}
