/** Findings of several readers: duplicates folded, the gravest first. */

/** How grave a finding is, from the gravest. */
export const SEVERITIES = ["critical", "high", "medium", "low"] as const;

/** How grave a finding is. */
export type Severity = (typeof SEVERITIES)[number];

/** Where something is: lines of the input, counted from 1. */
export interface FindingPlace {
  readonly line: number;
  /** The last line of it. @defaultValue `line` */
  readonly endLine?: number | undefined;
}

/** Something that somebody found. */
export interface Finding {
  readonly text: string;
  readonly severity: Severity;
  /** Where; absent for the input as a whole. */
  readonly place?: FindingPlace | undefined;
  /** What to do about it. */
  readonly suggestion?: string | undefined;
  /** The aspects under which it was found, each once. */
  readonly aspects: readonly string[];
}

/** How much two texts have to share to say the same: of all words of both, this part. */
const SIMILAR = 0.5;

/**
 * Folds findings that say the same of the same place, and orders them: the gravest first, then by line, those of the whole input last, then
 * by text.
 *
 * Two say the same where their lines overlap, or both are of the whole input, and half of all their words are in both (Jaccard). Of several
 * the gravest stays, of equals the first in this order; it takes over their aspects, and a suggestion where it has none.
 *
 * Guarantees: the same result for the same findings in any order; folding again changes nothing.
 *
 * @see Paul Jaccard: "The Distribution of the Flora in the Alpine Zone" (New Phytologist, 1912)
 * @example
 * ```ts
 * import { foldFindings } from "fanfold/models";
 *
 * const folded = foldFindings([
 *   { text: "The query is built from user input", severity: "high", place: { line: 7 }, aspects: ["correctness"] },
 *   { text: "Query built from user input", severity: "critical", place: { line: 7 }, aspects: ["security"] },
 * ]);
 * console.log(folded);
 * ```
 */
export function foldFindings(findings: readonly Finding[]): readonly Finding[] {
  const folded: { finding: Finding; readonly words: ReadonlySet<string> }[] = [];
  for (const finding of findings.toSorted(byWeight)) {
    const words = wordsOf(finding.text);
    const same = folded.find(
      (other) =>
        overlap(other.finding.place, finding.place) && share(other.words, words) >= SIMILAR,
    );
    if (same === undefined) {
      folded.push({ finding: { ...finding, aspects: unique(finding.aspects) }, words });
    } else {
      same.finding = {
        ...same.finding,
        suggestion: same.finding.suggestion ?? finding.suggestion,
        aspects: unique([...same.finding.aspects, ...finding.aspects]),
      };
    }
  }
  return folded.map(({ finding }) => finding);
}

function byWeight(a: Finding, b: Finding): number {
  return (
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    compare(a.place?.line ?? Infinity, b.place?.line ?? Infinity) ||
    compare(lastLine(a.place), lastLine(b.place)) ||
    compare(a.place?.endLine ?? 0, b.place?.endLine ?? 0) ||
    compare(a.text, b.text) ||
    compare(a.suggestion ?? "", b.suggestion ?? "") ||
    compare(unique(a.aspects).join("\n"), unique(b.aspects).join("\n"))
  );
}

function compare<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : Number(a > b);
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].toSorted(compare);
}

function lastLine(place: FindingPlace | undefined): number {
  return place === undefined ? Infinity : Math.max(place.line, place.endLine ?? place.line);
}

function overlap(a: FindingPlace | undefined, b: FindingPlace | undefined): boolean {
  return a === undefined || b === undefined
    ? a === b
    : a.line <= lastLine(b) && b.line <= lastLine(a);
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu));
}

/** Which part of all words is in both; 1 where there are none at all. */
function share(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const both = [...a].filter((word) => b.has(word)).length;
  const all = a.size + b.size - both;
  return all === 0 ? 1 : both / all;
}
