/**
 * The rules as their sources state them, for whoever asks one sample after the other: written from the definitions, without the
 * code of the rules. Weights are whole tenths.
 */

/** What one sample says. */
export type Reply =
  | { readonly kind: "vote"; readonly key: string; readonly tenths: number }
  | { readonly kind: "abstained" }
  | { readonly kind: "failed" };

/** What a vote comes to. */
export interface Verdict {
  readonly winners: readonly string[];
  readonly reason: string;
}

/** Whether a vote is over after these replies, of which there may be `of`. */
export type Definition = (replies: readonly Reply[], of: number) => Verdict | undefined;

/** The weight of each answer, the heaviest first. */
export function weigh(replies: readonly Reply[]): readonly (readonly [string, number])[] {
  const sums = new Map<string, number>();
  for (const reply of replies) {
    if (reply.kind === "vote") {
      sums.set(reply.key, (sums.get(reply.key) ?? 0) + reply.tenths);
    }
  }
  return [...sums].toSorted(([, a], [, b]) => b - a);
}

/** Asks one after the other, until the definition is met or all have been asked. */
export function oneAtATime(
  definition: Definition,
  replies: readonly Reply[],
): Verdict & { readonly asked: number } {
  const of = replies.length;
  for (let asked = 1; asked < of; asked += 1) {
    const verdict = definition(replies.slice(0, asked), of);
    if (verdict !== undefined) {
      return { asked, ...verdict };
    }
  }
  return { asked: of, ...(definition(replies, of) ?? mostVotes(replies)) };
}

function mostVotes(replies: readonly Reply[]): Verdict {
  const sums = weigh(replies);
  const most = sums[0]?.[1] ?? 0;
  const winners = sums.filter(([, sum]) => sum > 0 && sum === most).map(([key]) => key);
  return { winners, reason: "exhausted" };
}

/** Nobody can catch up with the first, whatever the samples that are left say. */
function isCertain(replies: readonly Reply[], of: number): boolean {
  const [first = 0, second = 0] = weigh(replies).map(([, sum]) => sum);
  return first > second + 10 * (of - replies.length);
}

function firstOf(replies: readonly Reply[], reason: string): Verdict {
  return {
    winners: weigh(replies)
      .slice(0, 1)
      .map(([key]) => key),
    reason,
  };
}

/** Stops early where `isMet`, and where more votes would change nothing. */
function early(isMet: (replies: readonly Reply[]) => boolean): Definition {
  return (replies, of) => {
    if (isMet(replies)) {
      return firstOf(replies, "decided");
    }
    return replies.length < of && isCertain(replies, of) ? firstOf(replies, "certain") : undefined;
  };
}

export const majority: Definition = (replies, of) =>
  isCertain(replies, of) ? firstOf(replies, "decided") : undefined;

export const unanimous: Definition = (replies, of) => {
  const answers = weigh(replies).length;
  if (answers > 1) {
    return { winners: [], reason: "unreachable" };
  }
  return replies.length === of && answers === 1 ? firstOf(replies, "decided") : undefined;
};

export const threshold =
  (tenths: number): Definition =>
  (replies, of) => {
    const most = weigh(replies)[0]?.[1] ?? 0;
    if (most >= tenths) {
      return firstOf(replies, "decided");
    }
    const isReachable = most + 10 * (of - replies.length) >= tenths;
    return isReachable ? undefined : { winners: [], reason: "unreachable" };
  };

export const lead = (tenths: number): Definition =>
  early((replies) => {
    const [first = 0, second = 0] = weigh(replies).map(([, sum]) => sum);
    return first - second >= tenths;
  });

/** The integral of x^a (1 - x)^b from 1/2 to 1 over that from 0 to 1, for whole a and b: a sum over Pascal's triangle. */
export function chanceAhead(a: number, b: number): number {
  let row = [1n];
  for (let n = 0; n < a + b + 1; n += 1) {
    row = [1n, ...row.slice(1).map((each, index) => each + (row[index] ?? 0n)), 1n];
  }
  const sum = row.slice(0, a + 1).reduce((total, each) => total + each, 0n);
  // Exact in a double: for the sizes of these tests the sum has fewer than 53 bits.
  return Number(sum) / 2 ** (a + b + 1);
}

export const beta = (confidence: number): Definition =>
  early((replies) => {
    const [first = 0, second = 0] = weigh(replies).map(([, sum]) => sum / 10);
    return first > second && chanceAhead(Math.floor(first), Math.ceil(second)) >= confidence;
  });

export const window =
  (size: number): Definition =>
  (replies, of) => {
    const last = replies.slice(-size);
    if (replies.length > 0 && replies.length % size === 0) {
      const keys = new Set(last.map((reply) => (reply.kind === "vote" ? reply.key : undefined)));
      const [key] = keys;
      if (keys.size === 1 && key !== undefined) {
        return { winners: [key], reason: "decided" };
      }
    }
    return early(() => false)(replies, of);
  };

/** A rule of a user: two in a row that say the same. */
export const twice: Definition = (replies) => {
  const [before, last] = replies.slice(-2);
  return before?.kind === "vote" && last?.kind === "vote" && before.key === last.key
    ? { winners: [last.key], reason: "decided" }
    : undefined;
};
