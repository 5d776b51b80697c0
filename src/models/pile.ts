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
  /** What was said of them, in their order. */
  readonly answers: readonly PiledAnswer[];
  /** How many documents were begun here: the parts of one are only counted once. */
  readonly documents: number;
  readonly totals: Readonly<Record<string, number>>;
  /** The documents, by id, of which a part could not be read. */
  readonly failures: readonly TaskFailure[];
}

/** The statements of one answer: they need not be condensed again by themselves. */
export interface PiledAnswer {
  readonly statements: readonly Statement[];
  /** How often what it rests on was condensed. */
  readonly depth: number;
}

/** Answers that are neighbours: those from one place to before another. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** How often an answer that fits with no other is condensed alone before it is said that they never fit. */
const MOST_TRIES = 4;

/**
 * Lays two piles together. As long as they do not fit into one request, as many neighbours as do are condensed: full requests are the fewest
 * calls.
 *
 * @throws `RangeError`, as a rejection, when they do not fit however often they are condensed.
 */
export async function together(condensing: Condensing, left: Pile, right: Pile): Promise<Pile> {
  let pile = laid(left, right);
  for (let tries = 0; !fits(condensing, pile.answers);) {
    const stretch = stretchOf(condensing, pile.answers);
    tries += stretch.to - stretch.from === 1 ? 1 : 0;
    if (tries > MOST_TRIES) {
      throw new RangeError(
        `Cannot condense as two answers do not fit into one request: of ${condensing.room.inputTokens} tokens`,
      );
    }
    pile = await condensed(condensing, pile, stretch);
  }
  return pile;
}

function laid(a: Pile, b: Pile): Pile {
  const names = new Set([...Object.keys(a.totals), ...Object.keys(b.totals)]);
  return {
    answers: [...a.answers, ...b.answers],
    documents: a.documents + b.documents,
    totals: Object.fromEntries(
      [...names].map((name) => [name, (a.totals[name] ?? 0) + (b.totals[name] ?? 0)]),
    ),
    failures: [...a.failures, ...b.failures],
  };
}

/** One answer in place of several; of all, unless said otherwise. */
export async function condensed(
  condensing: Condensing,
  pile: Pile,
  { from, to }: Stretch = { from: 0, to: pile.answers.length },
): Promise<Pile> {
  const { answers } = pile;
  const several = answers.slice(from, to);
  const statements = await condenseFitting(condensing, statementsOf(several));
  const one = { statements, depth: depthOf(several) + 1 };
  return { ...pile, answers: [...answers.slice(0, from), one, ...answers.slice(to)] };
}

/** All statements of some answers, in order. */
export function statementsOf(answers: readonly PiledAnswer[]): readonly Statement[] {
  return answers.flatMap(({ statements }) => statements);
}

function depthOf(answers: readonly PiledAnswer[]): number {
  return Math.max(...answers.map(({ depth }) => depth));
}

/**
 * What to condense of more than fits: as many from the one end as fit, or from the other, whichever was condensed less often; the largest alone
 * where not even two fit.
 */
function stretchOf(condensing: Condensing, answers: readonly PiledAnswer[]): Stretch {
  const { length } = answers;
  const first = mostThat(length, (count) => fits(condensing, answers.slice(0, count)));
  const last = mostThat(length, (count) => fits(condensing, answers.slice(length - count)));
  const ends = [
    { from: 0, to: first },
    { from: length - last, to: length },
  ].filter(({ from, to }) => to - from > 1);
  const [best = largest(condensing, answers)] = ends.sort(
    (a, b) =>
      depthOf(answers.slice(a.from, a.to)) - depthOf(answers.slice(b.from, b.to)) ||
      b.to - b.from - (a.to - a.from),
  );
  return best;
}

function largest(condensing: Condensing, answers: readonly PiledAnswer[]): Stretch {
  const sizes = answers.map(({ statements }) => sizeOf(condensing, statements));
  const from = sizes.indexOf(Math.max(...sizes));
  return { from, to: from + 1 };
}

/** The most, up to `most`, of which it is true: of all that are fewer it is too. */
function mostThat(most: number, isTrue: (count: number) => boolean): number {
  let [low, high] = [0, most];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (isTrue(middle)) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
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

function fits(condensing: Condensing, answers: readonly PiledAnswer[]): boolean {
  return condensing.room.fits(condenseRequest(condensing, statementsOf(answers)));
}

function sizeOf(condensing: Condensing, statements: readonly Statement[]): number {
  return condensing.room.sizeOf(condenseRequest(condensing, statements));
}
