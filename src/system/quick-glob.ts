/** Tells patterns apart that a matcher which backtracks would try for ever. */

/** How many wildcards of any length may follow each other in a segment, and how many segments may stand for any number of folders. */
const MOST = 3;

/** A group that is open, or the segment around all of them. */
interface Frame {
  /** Of the alternative at hand. */
  count: number;
  /** Of the alternatives before. */
  most: number;
  alternatives: number;
  readonly repeats: boolean;
}

const frame = (repeats: boolean): Frame => ({ count: 0, most: 0, alternatives: 1, repeats });

/**
 * Holds a pattern to one that is compared with any name in a moment: each further wildcard multiplies the time by the length of the name.
 *
 * @throws TypeError - when a segment has more than three wildcards of any length one after another, of alternatives the most counting; when
 * there are more than three `**`; when what is repeated by `+(…)` or `*(…)` is not plain;
 * when a group is left open beside a wildcard
 */
export function mustBeQuick(pattern: string): void {
  if (pattern.includes("*") && isLeftOpen(pattern)) {
    throw new TypeError(
      `Cannot use a pattern as a group in it is left open: ${JSON.stringify(pattern.slice(0, 100))}; close it, or write a backslash before it`,
    );
  }
  const segments = pattern.split("/");
  const folders = segments.filter((segment) => segment === "**").length;
  // Where a group holds several segments, they count as one.
  const parts = segments.some(isLeftOpen) ? [pattern] : segments;
  if (folders > MOST || parts.some((part) => part !== "**" && isSlow(part))) {
    throw new TypeError(
      `Cannot use a pattern as it has more than ${MOST} wildcards of any length: ${JSON.stringify(pattern.slice(0, 100))}; use fewer "*", or several patterns`,
    );
  }
}

/** Whether a round or curly bracket is opened and not closed, or closed and not opened. */
function isLeftOpen(pattern: string): boolean {
  const open: string[] = [];
  for (const [character] of pattern.replaceAll(/\\./g, "").matchAll(/[(){}]/g)) {
    if (character === "(" || character === "{") {
      open.push(character);
    } else if (open.pop() !== (character === ")" ? "(" : "{")) {
      return true;
    }
  }
  return open.length > 0;
}

/** Of a segment, or of several. */
function isSlow(segment: string): boolean {
  const open = [frame(false)];
  for (let at = 0; at < segment.length; at += 1) {
    const top = open.at(-1) as Frame; // The outermost is never closed.
    const character = segment.charAt(at);
    const opensGroup = segment.charAt(at + 1) === "(";
    if (character === "\\") {
      at += 1;
    } else if ("+*!".includes(character) && opensGroup) {
      open.push(frame(character !== "!"));
      top.count += 1;
      at += 1;
    } else if (character === "*") {
      top.count += segment.charAt(at - 1) === "*" ? 0 : 1;
    } else if (character === "{" || character === "(") {
      top.alternatives += segment.charAt(at - 1) === "?" ? 1 : 0;
      open.push(frame(false));
    } else if (character === "," || character === "|") {
      top.most = Math.max(top.most, top.count);
      top.count = 0;
      top.alternatives += 1;
    } else if ((character === "}" || character === ")") && open.length > 1) {
      open.pop();
      const isEmpty = segment.charAt(at - 1) === "(";
      if (top.repeats && (top.alternatives > 1 || top.count > 0 || isEmpty)) {
        return true;
      }
      const outer = open.at(-1) as Frame;
      outer.count += Math.max(top.most, top.count);
      outer.alternatives += top.alternatives - 1;
    }
  }
  return open.some(({ most, count, repeats }) => repeats || Math.max(most, count) > MOST);
}
