/** Random patterns and contents for the search: few characters in many shapes, so that about half of the patterns match. */
import fc from "fast-check";

const LETTERS = ["a", "b", "A", "B", "é", "É", "1", "_", " ", "\t", "-", "😀"];

const ODD_LETTERS = ["ß", "ẞ", "σ", "ς", "]", "\v", "\u0001", "\u00a0", "\u2028", "\ue000"];

const LINE_ENDS = ["\n", "\n", "\r\n", "\r"];

const MARKS = ["\ufffd", "\ufeff", "\u{10ffff}", "\0"];

/** Bytes that are no UTF-8: alone, cut short, too long, surrogates, and beyond the last character. */
const NO_UTF8 = ["ff", "80", "c3", "e282", "f09f98", "c080", "eda080", "f4908080"];

const narrow = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(...LETTERS) },
      { weight: 2, arbitrary: fc.constantFrom(...ODD_LETTERS) },
      { weight: 6, arbitrary: fc.constantFrom(...LINE_ENDS) },
      { weight: 1, arbitrary: fc.constantFrom(...MARKS) },
      { weight: 3, arbitrary: fc.constantFrom(...NO_UTF8.map((hex) => Buffer.from(hex, "hex"))) },
    ),
    { maxLength: 20 },
  )
  .map((pieces) => Buffer.concat(pieces.map((piece) => Buffer.from(piece as string))));

/** UTF-16 behind its mark, which a lone surrogate or half a unit may spoil. */
const wide = fc
  .record({
    text: fc.array(fc.constantFrom(...["a", "B", "é", "😀", "\ud83d", "\ude00", "\r\n"], ...MARKS)),
    isBigEndian: fc.boolean(),
    rest: fc.constantFrom("", "", "", "a"),
  })
  .map(({ text, isBigEndian, rest }) => {
    const bytes = Buffer.from(`\ufeff${text.join("")}`, "utf16le");
    return Buffer.concat([isBigEndian ? bytes.swap16() : bytes, Buffer.from(rest)]);
  });

/** What a file may have. */
export const content: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 8, arbitrary: narrow },
  { weight: 1, arbitrary: narrow.map((bytes) => Buffer.concat([Buffer.from("\ufeff"), bytes])) },
  { weight: 1, arbitrary: wide },
);

const literal = fc.constantFrom(
  ...["a", "b", "A", "é", "1", "😀", "ß", "σ", "\ufffd", "\\x61", "\\u00e9", "\\u{1f600}", "\\-"],
);

const set = fc.constantFrom(
  ...[".", ".", "^", "$", "$", "\\b", "\\d", "\\D", "\\w", "\\W", "\\s", "\\S", "\\t"],
);

const classItem = fc.constantFrom(
  ...["a", "b", "é", "😀", "&", "~", "\\-", "\\^", "\\]", "\\\\", "\\w", "\\s", "\\d"],
  ...["a-z", "A-Z", "\\t- ", "\\x00-\\x7f", "À-ÿ", "\\u0100-\\u{10ffff}"],
);

const characterClass = fc
  .tuple(fc.constantFrom("", "^"), fc.array(classItem, { minLength: 1, maxLength: 3 }))
  .map(([negation, items]) => `[${negation}${items.join("")}]`);

const times = fc.oneof(
  { weight: 3, arbitrary: fc.constant("") },
  {
    weight: 1,
    arbitrary: fc.constantFrom("*", "+", "?", "{2}", "{1,}", "{0,2}", "*?", "+?", "??"),
  },
);

/** A pattern of all that the dialect has. */
export const { pattern } = fc.letrec<{ pattern: string; part: string }>((tie) => ({
  pattern: fc.oneof(
    { weight: 4, arbitrary: fc.array(tie("part"), { minLength: 1, maxLength: 3 }).map(joined) },
    { weight: 1, arbitrary: fc.tuple(tie("part"), tie("part")).map(([a, b]) => `${a}|${b}`) },
  ),
  part: fc
    .tuple(
      fc.oneof(
        { maxDepth: 2, withCrossShrink: true },
        { weight: 4, arbitrary: literal },
        { weight: 3, arbitrary: set },
        { weight: 2, arbitrary: characterClass },
        {
          weight: 1,
          arbitrary: fc
            .tuple(fc.constantFrom("(", "(?:", "(?<name>"), tie("pattern"))
            .map(([opening, inner]) => `${opening}${inner})`),
        },
      ),
      times,
    )
    // What has no length may not be repeated.
    .map(([part, times]) => (["^", "\\b"].includes(part) ? part : part + times)),
}));

/** Whatever somebody may write: much of it is refused. */
export const soup = fc
  .array(fc.constantFrom(...Array.from("ab]é😀.^$*+?(){}|[\\-,12&~ #/<>:=!PdDwWsStbBxupkn")), {
    maxLength: 7,
  })
  .map(joined);

function joined(parts: readonly string[]): string {
  return parts.join("");
}
