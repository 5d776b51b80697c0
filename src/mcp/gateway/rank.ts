/** Which texts say most of what is asked for. */

/** How fast further mentions of a word count less, and how much long texts count less: the usual values. */
const SATURATION = 1.2;
const LENGTH_SHARE = 0.75;

/** How much a word counts that only begins with one that was asked for. */
const PREFIX_WEIGHT = 0.5;

/** A text by its words, some of which count more. */
export type Weighted = readonly { readonly text: string; readonly weight: number }[];

/**
 * The indexes of the documents that have a word of the query, the best first; those that are as good in the order given. By BM25 (Robertson and
 * Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009), where a word also counts by half for any that it begins.
 */
export function rank(query: string, documents: readonly Weighted[]): readonly number[] {
  const counts = documents.map(countWords);
  const lengths = counts.map((words) => [...words.values()].reduce((sum, each) => sum + each, 0));
  const mean = lengths.reduce((sum, each) => sum + each, 0) / Math.max(1, lengths.length);
  const scores = documents.map(() => 0);
  for (const term of new Set(wordsOf(query))) {
    const found = counts.map((words) => mentions(words, term));
    const documentsWith = found.filter((count) => count > 0).length;
    const rarity = Math.log(1 + (documents.length - documentsWith + 0.5) / (documentsWith + 0.5));
    for (const [index, count] of found.entries()) {
      const length = 1 - LENGTH_SHARE + (LENGTH_SHARE * (lengths[index] ?? 0)) / mean;
      const gain = (count * (SATURATION + 1)) / (count + SATURATION * length);
      scores[index] = (scores[index] ?? 0) + (count === 0 ? 0 : rarity * gain);
    }
  }
  return scores
    .map((score, index) => ({ score, index }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .map(({ index }) => index);
}

/** `createIssue_v2` has the words create, issue and v2. */
export function wordsOf(text: string): readonly string[] {
  return text
    .replaceAll(/(\p{Ll}|\d)(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\d]+/u)
    .filter((word) => word !== "");
}

function countWords(document: Weighted): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { text, weight } of document) {
    for (const word of wordsOf(text)) {
      counts.set(word, (counts.get(word) ?? 0) + weight);
    }
  }
  return counts;
}

function mentions(words: ReadonlyMap<string, number>, term: string): number {
  let count = words.get(term) ?? 0;
  if (term.length > 2) {
    for (const [word, weight] of words) {
      if (word !== term && word.startsWith(term)) {
        count += weight * PREFIX_WEIGHT;
      }
    }
  }
  return count;
}
