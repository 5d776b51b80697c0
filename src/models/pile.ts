/** Statements on their way up the tree: laid together while they fit, and condensed when they no longer do. */
import type { TaskFailure } from "../core/errors.ts";
import {
  condenseRequest,
  condenseStatements,
  type Condensing,
  type Statement,
} from "./statements.ts";

/** What is known of some documents. */
export interface Pile {
  readonly statements: readonly Statement[];
  /** Of how many answers the statements are: one needs not be condensed again. */
  readonly answers: number;
  /** How many documents were begun here: the parts of one are only counted once. */
  readonly documents: number;
  readonly totals: Readonly<Record<string, number>>;
  /** The documents, by id, of which a part could not be read. */
  readonly failures: readonly TaskFailure[];
}

/** How often two piles are condensed before it is said that they never fit: twice each. */
const MOST_TRIES = 4;

/**
 * Lays two piles together. Where they would not fit into one request, the larger is condensed first.
 *
 * @throws `RangeError`, as a rejection, when they do not fit however often they are condensed.
 */
export async function together(condensing: Condensing, left: Pile, right: Pile): Promise<Pile> {
  let [a, b] = [left, right];
  for (let tries = 0; !fits(condensing, laid(a, b)); tries += 1) {
    if (tries === MOST_TRIES) {
      throw new RangeError(
        `Cannot condense as two answers do not fit into one request: of ${condensing.room.inputTokens} tokens`,
      );
    }
    const isLeftFirst = weightOf(condensing, a) >= weightOf(condensing, b);
    if (isLeftFirst) {
      a = await condensed(condensing, a);
    } else {
      b = await condensed(condensing, b);
    }
  }
  return laid(a, b);
}

function laid(a: Pile, b: Pile): Pile {
  const names = new Set([...Object.keys(a.totals), ...Object.keys(b.totals)]);
  return {
    statements: [...a.statements, ...b.statements],
    answers: a.answers + b.answers,
    documents: a.documents + b.documents,
    totals: Object.fromEntries(
      [...names].map((name) => [name, (a.totals[name] ?? 0) + (b.totals[name] ?? 0)]),
    ),
    failures: [...a.failures, ...b.failures],
  };
}

/** One answer instead of several. */
export async function condensed(condensing: Condensing, pile: Pile): Promise<Pile> {
  const statements = await condenseFitting(condensing, pile.statements);
  return { ...pile, statements, answers: 1 };
}

/** In halves, where what was learnt of the model meanwhile says that they no longer fit together. */
async function condenseFitting(
  condensing: Condensing,
  statements: readonly Statement[],
): Promise<readonly Statement[]> {
  const { length } = statements;
  if (length < 2 || condensing.room.fits(condenseRequest(condensing, statements))) {
    return await condenseStatements(condensing, statements);
  }
  const half = length >> 1;
  const first = await condenseFitting(condensing, statements.slice(0, half));
  return [...first, ...(await condenseFitting(condensing, statements.slice(half)))];
}

function fits(condensing: Condensing, { statements }: Pile): boolean {
  return condensing.room.fits(condenseRequest(condensing, statements));
}

/** What a pile takes; what is one answer already comes after all others. */
function weightOf(condensing: Condensing, { statements, answers }: Pile): number {
  const size = condensing.room.sizeOf(condenseRequest(condensing, statements));
  return answers > 1 ? size : size - Number.MAX_SAFE_INTEGER;
}
