/** Takes secrets out of what is written to disk. */
import type { Secret, SecretFinder } from "./find-secrets.ts";

/** A text without its secrets. */
export type Redact = (text: string) => string;

/** Makes a function that takes out of texts what the finder finds. */
export function createRedact(finder: SecretFinder): Redact {
  return (text) => {
    const secrets = finder.find(text);
    return secrets.length === 0
      ? text
      : withoutSecrets(text, joined(secrets), { from: 0, to: text.length });
  };
}

/** Tokens beyond this length may be found too late where they are read in pieces, in characters. */
const TOKEN_LENGTH = 1 << 16;

/** What a token goes on with. */
const TOKEN_REST = /[\w.~+/=-]*/y;

/**
 * Takes secrets out of a text that comes in pieces.
 *
 * Guarantees: known values of any length, and tokens that can be told from 65,536 characters, are taken out wherever the text is
 * cut; a token that goes on beyond that is taken out with all that could still be of it. Holds as much text as that, or as the longest
 * known value, and one piece. Not seen: a password in an address, or the first part of a JSON Web Token, of more than 65,536 characters.
 */
export async function* redactPieces(
  pieces: AsyncIterable<string>,
  finder: SecretFinder,
  tokenLength = TOKEN_LENGTH,
): AsyncGenerator<string, void> {
  const reach = Math.max(tokenLength, finder.longest);
  let text = "";
  // How much of it has been handed on already: one character, on which it depends whether a word begins behind it.
  let context = 0;
  let begun: readonly Secret[] = [];
  const found = (): readonly Secret[] =>
    joined([...finder.find(text).filter((each) => each.found >= context), ...begun]);
  for await (const piece of pieces) {
    const before = text.length;
    text += piece;
    begun = begun.map((each) => (each.end === before ? goneOn(each, text) : each));
    const cut = text.length - reach;
    // What begins before the cut has been seen as far as it must be.
    if (cut > context) {
      const secrets = found();
      yield withoutSecrets(text, secrets, { from: context, to: cut });
      begun = secrets
        .filter((each) => each.found < cut && each.end > cut)
        .map((each) => movedBack(each, cut - 1));
      text = text.slice(cut - 1);
      context = 1;
    }
  }
  yield withoutSecrets(text, found(), { from: context, to: text.length });
}

/** The secret with what follows it in the text, where that may be of it. */
function goneOn(secret: Secret, text: string): Secret {
  TOKEN_REST.lastIndex = secret.end;
  return secret.isOpen && TOKEN_REST.test(text) ? { ...secret, end: TOKEN_REST.lastIndex } : secret;
}

function movedBack(secret: Secret, by: number): Secret {
  return { ...secret, found: secret.found - by, start: secret.start - by, end: secret.end - by };
}

/** Secrets in order, those that overlap as one, called as the first of them. */
function joined(secrets: readonly Secret[]): readonly Secret[] {
  const inOrder = secrets.toSorted((a, b) => a.start - b.start || b.end - a.end);
  const result: Secret[] = [];
  for (const next of inOrder) {
    const last = result.at(-1);
    if (last === undefined || next.start >= last.end) {
      result.push(next);
      continue;
    }
    const found = Math.min(last.found, next.found);
    const { end, isOpen } = next.end > last.end ? next : last;
    result[result.length - 1] = { ...last, found, end, isOpen };
  }
  return result;
}

/** A part of the text with a mark in place of each secret that begins in it. */
function withoutSecrets(
  text: string,
  secrets: readonly Secret[],
  { from, to }: { readonly from: number; readonly to: number },
): string {
  let result = "";
  let at = from;
  for (const { start, end, mark } of secrets) {
    if (start < to && end > at) {
      result += start < from ? "" : text.slice(at, start) + mark;
      at = Math.min(end, to);
    }
  }
  return result + text.slice(at, to);
}
