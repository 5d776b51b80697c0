/** What the rules say of counts that are easy to check by hand. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  beta,
  lead,
  majority,
  threshold,
  unanimous,
  window,
  type Ballot,
  type VoteCount,
  type VoteRule,
} from "../../src/index.ts";
import { chanceAhead } from "./vote-oracle.ts";

/** A count of whole votes, by letters: "a" to "z" vote, "-" abstains, "." has not ended. */
function counted(text: string, of: number): VoteCount {
  const ballots = Array.from(text, (letter): Ballot | undefined => {
    if (letter === ".") return undefined;
    return letter === "-" ? { kind: "abstained" } : { kind: "vote", key: letter, weight: 1 };
  });
  const keys = [...new Set(text.replaceAll(/[.-]/g, ""))];
  const votesFor = (key: string): number => text.split(key).length - 1;
  return {
    of,
    left: of - ballots.filter((ballot) => ballot !== undefined).length,
    maxWeight: 1,
    ballots,
    tally: keys
      .map((key) => ({ key, answer: key, votes: votesFor(key), weight: votesFor(key) }))
      .toSorted((a, b) => b.votes - a.votes),
  };
}

/** The ruling in one word: how many are needed, or who has won and why. */
function say(rule: VoteRule, text: string, of: number): string {
  const ruling = rule.judge(counted(text, of));
  return ruling.status === "open"
    ? `needs ${ruling.needs}`
    : `${ruling.winners.join(" ") || "nobody"}: ${ruling.reason}`;
}

describe("majority", () => {
  test.each([
    ["", 3, "needs 2"],
    ["", 4, "needs 3"],
    ["aa", 3, "a: decided"],
    // Level with two that are left is no win.
    ["aa", 4, "needs 1"],
    ["ab", 3, "needs 1"],
    ["aab-", 5, "needs 1"],
    ["aa--", 5, "a: decided"],
  ])("of %j of %i says %j", (text, of, expected) => {
    expect(say(majority(), text, of)).toBe(expected);
  });
});

describe("unanimous", () => {
  test.each([
    ["", 5, "needs 2"],
    ["", 1, "needs 1"],
    ["a", 5, "needs 1"],
    ["a-a", 5, "needs 1"],
    ["ab", 5, "nobody: unreachable"],
    ["a-aa", 4, "a: decided"],
  ])("of %j of %i says %j", (text, of, expected) => {
    expect(say(unanimous(), text, of)).toBe(expected);
  });
});

describe("threshold(3)", () => {
  test.each([
    ["", 9, "needs 3"],
    ["abab", 9, "needs 1"],
    ["abaca", 9, "a: decided"],
    // One more that is not for `a` would put it out of reach.
    ["", 3, "needs 1"],
    ["aab", 5, "needs 1"],
    ["ab", 4, "needs 1"],
    ["ab-", 4, "nobody: unreachable"],
  ])("of %j of %i says %j", (text, of, expected) => {
    expect(say(threshold(3), text, of)).toBe(expected);
  });
});

describe("lead(3)", () => {
  test.each([
    ["", 20, "needs 3"],
    ["ab", 20, "needs 3"],
    ["abb", 20, "needs 2"],
    ["abbbb", 20, "b: decided"],
    // Three of five are enough as well.
    ["a", 5, "needs 2"],
    ["aaba", 5, "a: certain"],
    ["aabb", 4, "needs 1"],
  ])("of %j of %i says %j", (text, of, expected) => {
    expect(say(lead(3), text, of)).toBe(expected);
  });
});

describe("window(3)", () => {
  test.each([
    ["", 12, "needs 3"],
    ["aa", 12, "needs 1"],
    ["aaa", 12, "a: decided"],
    // The first is broken: the second must end, too.
    ["ab", 12, "needs 4"],
    ["a-", 12, "needs 4"],
    ["abaaa", 12, "needs 1"],
    // Not a window, although three in a row.
    ["baaa", 12, "needs 2"],
    // By number, whichever comes first: here more ran ahead than were needed.
    ["a..bbb", 12, "needs 2"],
    ["a.bbbb", 12, "b: decided"],
    ["abab", 5, "needs 1"],
    ["aabaaba", 12, "needs 2"],
    ["aabaabaa", 12, "needs 1"],
    ["aabaabaac", 12, "a: certain"],
  ])("of %j of %i says %j", (text, of, expected) => {
    expect(say(window(3), text, of)).toBe(expected);
  });
});

describe("beta", () => {
  test.each([
    ["", 40, "needs 4"],
    ["aaa", 40, "needs 1"],
    // 1 - 1/32 is the first above 0.95.
    ["aaaa", 40, "a: decided"],
    ["aaaab", 40, "needs 2"],
    ["aaaaabaa", 40, "a: decided"],
    ["ab", 3, "needs 1"],
    ["aab", 4, "needs 1"],
    ["aaba", 5, "a: certain"],
  ])("of %j of %i says %j", (text, of, expected) => {
    expect(say(beta(), text, of)).toBe(expected);
  });

  test("stops at the first vote at which the chance reaches the confidence", () => {
    fc.assert(
      fc.property(
        fc.nat(25),
        fc.nat(25),
        fc.double({ min: 0.5, max: 1, minExcluded: true, maxExcluded: true, noNaN: true }),
        (ahead, second, confidence) => {
          const first = second + ahead;
          const text = "a".repeat(first) + "b".repeat(second);
          const isOver = beta({ confidence }).judge(counted(text, 1000)).status === "settled";
          expect(isOver).toBe(ahead > 0 && chanceAhead(first, second) >= confidence);
        },
      ),
    );
  });

  test("agrees with the chance at exactly the confidence", () => {
    // P(Beta(2, 1) > 1/2) is 3/4.
    expect(say(beta({ confidence: 0.75 }), "a", 9)).toBe("a: decided");
    expect(say(beta({ confidence: 0.75 + 2 ** -53 }), "a", 9)).toBe("needs 1");
  });

  test("rounds parts of votes against the leader", () => {
    const count = counted("aaaa", 40);
    const [leader] = count.tally;
    const almost = { ...count, tally: [{ ...leader!, weight: 3.9 }] };
    expect(beta().judge(almost)).toEqual({ status: "open", needs: 1 });
    const other = { key: "b", answer: "b", votes: 1, weight: 0.1 };
    // As for one vote, where it takes six to be so sure.
    expect(beta().judge({ ...count, tally: [leader!, other] })).toEqual({
      status: "open",
      needs: 2,
    });
  });
});
