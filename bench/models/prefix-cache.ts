/** What a service reads from a cache of beginnings, as those of models do it. */

/** A request that a service has got. */
export interface Prefill {
  readonly text: string;
  /** When its first token came: from then on its beginning is in the cache. */
  readonly openMs: number;
}

/** Latin letters to a token, as the patterns take it. */
export const LETTERS = 4;

/** Nothing shorter is kept, in tokens. */
const MINIMUM = 1024;

/** Only whole blocks are kept, in tokens. */
const BLOCK = 128;

/** How many tokens of a request that comes at `atMs` are read from the cache: the longest beginning that it shares with one before. */
export function cachedTokens(text: string, atMs: number, before: readonly Prefill[]): number {
  const shared = before
    .filter(({ openMs }) => openMs <= atMs)
    .map((each) => Math.floor(sharedLength(each.text, text) / LETTERS));
  const tokens = Math.max(0, ...shared);
  return tokens < MINIMUM ? 0 : tokens - (tokens % BLOCK);
}

/** How many characters two texts have in common at their beginning. */
function sharedLength(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index += 1) {
    if (one.charCodeAt(index) !== other.charCodeAt(index)) {
      return index;
    }
  }
  return length;
}
