/** What both engines of the search take and give. */

/** What to look for, and where. */
export interface SearchQuery {
  /** The pattern, in the way that each engine writes it. */
  readonly pattern: SearchPattern;
  readonly ignoreCase: boolean;
  /** The files, absolute and in order. One that is gone, unreadable or binary has no matches. */
  readonly files: readonly string[];
  /** How many matches are wanted; an engine may return more. */
  readonly maxMatches: number;
  readonly signal: AbortSignal;
}

/** One pattern, as each engine writes it. */
export interface SearchPattern {
  /** For Rust's `regex`, of which ripgrep is made. */
  readonly ripgrep: string;
  /** For JavaScript, used on one line at a time. */
  readonly script: RegExp;
}

/** A line that matched. */
export interface LineMatch {
  /** Counted from 1. */
  readonly line: number;
  /** Without its line end, cut at 1,000 characters. */
  readonly text: string;
}

/** The matches of each file that has some: the first ones, in order of the lines. */
export type FileMatches = ReadonlyMap<string, readonly LineMatch[]>;

/** How much of a line is kept, in UTF-16 units. */
const TEXT_LENGTH = 1000;

/** How much of a line must be read to know what is kept of it, in UTF-16 units: also whether it is cut, and its end. */
export const READ_LENGTH = TEXT_LENGTH + 2;

/** A match, without the line's end and no longer than is kept. */
export function lineMatch(line: number, text: string): LineMatch {
  const whole = text.replace(/\r?\n?$/, "");
  return {
    line,
    text:
      whole.length > TEXT_LENGTH
        ? whole.slice(0, TEXT_LENGTH).replace(/[\ud800-\udbff]$/, "")
        : whole,
  };
}
