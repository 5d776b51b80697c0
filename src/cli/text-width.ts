/** How many columns of a terminal texts take, and texts made to fit: ideographs and most emoji take two, what combines with others none. */

/** What nearly all lines consist of: one column each, and nothing to combine. They are spared the tables of graphemes, which take 20 ms to load. */
const SIMPLE = /^[ -~¡-¬®-˿‐-‧←-⋿─-▟■○●✓✗]*$/;

/** UAX 51: what is shown as an emoji, whatever it is joined with. */
const EMOJI = /^\p{Emoji_Presentation}|^\p{Emoji}[\uFE0F\p{Emoji_Modifier}]/u;

/** UAX 11: wide and fullwidth, without emoji, and with what stands between. */
const WIDE =
  /[\u1100-\u115F\u2329\u232A\u2630-\u2637\u268A-\u268F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE10-\uFE19\uFE30-\uFE6B\uFF01-\uFF60\uFFE0-\uFFE6\u{16FE0}-\u{18DFF}\u{1AFF0}-\u{1B2FF}\u{1D300}-\u{1D376}\u{1F200}-\u{1F265}\u{20000}-\u{3FFFD}]/u;

/** Marks, joiners, and the parts of Korean syllables after the first. */
const COMBINING = /[\p{Mn}\p{Me}\p{Default_Ignorable_Code_Point}\u1160-\u11FF\uD7B0-\uD7FF]/u;

let segmenter: Intl.Segmenter | undefined;

/** How many columns a text without colours takes. Terminals differ on joined emoji: those that do not join them show more. */
export function textWidth(text: string): number {
  return SIMPLE.test(text)
    ? text.length
    : graphemesOf(text).reduce((sum, grapheme) => sum + widthOf(grapheme), 0);
}

/** A text with spaces behind it, at least so many columns wide. */
export function padText(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - textWidth(text)));
}

/** A text of at most so many columns: its beginning and `…` where it is wider. */
export function cutText(text: string, columns: number): string {
  const start = startOf(text, columns);
  return start === text ? text : `${startOf(start, columns - 1)}…`;
}

/** As many of the first graphemes of a text as there is room for. */
export function startOf(text: string, columns: number): string {
  if (SIMPLE.test(text)) {
    return text.slice(0, Math.max(0, columns));
  }
  let room = columns;
  let length = 0;
  for (const { segment } of segmentsOf(text)) {
    room -= widthOf(segment);
    if (room < 0) {
      break;
    }
    length += segment.length;
  }
  return text.slice(0, length);
}

/** As many of the last graphemes of a text as there is room for. */
export function endOf(text: string, columns: number): string {
  let room = columns;
  const graphemes = SIMPLE.test(text) ? text.split("") : graphemesOf(text);
  const last = graphemes.findLastIndex((grapheme) => (room -= widthOf(grapheme)) < 0);
  return graphemes.slice(last + 1).join("");
}

function segmentsOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return segmenter.segment(text);
}

function graphemesOf(text: string): readonly string[] {
  return Array.from(segmentsOf(text), ({ segment }) => segment);
}

/** In most terminals letters that form one grapheme, as those of Thai do, still take a column each. */
function widthOf(grapheme: string): number {
  if (EMOJI.test(grapheme)) {
    return 2;
  }
  let width = 0;
  for (const character of grapheme) {
    width += COMBINING.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  }
  return width;
}
