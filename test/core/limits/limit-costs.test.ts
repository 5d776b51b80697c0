// What it costs to start those who wait for limits: counted in looks at their places, which no machine makes slower.
import { describe, expect, test } from "vitest";
import { PLAIN_ESTIMATE } from "../../../src/core/budget/estimate.ts";
import { limit, type Limit } from "../../../src/core/limits/limit.ts";
import { enqueue } from "../../../src/core/limits/line.ts";
import { startWaiting } from "../../../src/core/limits/start-waiting.ts";
import type { Waiter } from "../../../src/core/start-queue.ts";

interface Wanted {
  readonly limits: readonly Limit[];
  readonly weight?: number;
  readonly priority?: number;
}

/** How often the places of so many are looked at until all have come and gone through a limit of 4, which they do in start order. */
function looksFor(count: number, wanted: (index: number, shared: Limit) => Wanted): number {
  const shared = limit(4);
  const running: Wanted[] = [];
  const started: number[] = [];
  let looks = 0;
  const waiterOf = (index: number, { limits, weight = 1, priority = 0 }: Wanted): Waiter => ({
    limits,
    weight,
    priority,
    get place() {
      looks += 1;
      return { parent: undefined, index };
    },
    estimate: PLAIN_ESTIMATE,
    count: 1,
    waits: true,
    takesBack: false,
    remainingMs: 0,
    passed: undefined,
    owner: {
      now: () => 0,
      hasAged: () => false,
      isStuck: false,
      onHeld: () => undefined,
      refuse: () => undefined,
    },
    take() {
      Object.assign(this, { waits: false });
      return {
        grants: undefined,
        start: () => {
          started.push(index);
          running.push({ limits, weight });
        },
      };
    },
  });
  for (let index = 0; index < count; index += 1) {
    enqueue(waiterOf(index, wanted(index, shared)));
  }
  startWaiting([shared]);
  for (let next = running.shift(); next !== undefined; next = running.shift()) {
    const { limits, weight = 1 } = next;
    limits.forEach((each) => each.give(weight));
    startWaiting(limits);
  }
  expect(started.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, n) => n));
  return looks;
}

describe("those who share a limit", () => {
  test.each<[string, (index: number, shared: Limit) => Wanted]>([
    ["each has one of its own besides", (_, shared) => ({ limits: [shared, limit(1)] })],
    ["of each two have one besides", twoBeside()],
    ["some weigh more", (index, shared) => ({ limits: [shared], weight: (index % 4) + 1 })],
    ["the last go first", (index, shared) => ({ limits: [shared], priority: index })],
  ])("are looked at a few times each, where %s", (_, wanted) => {
    const [half, all] = [looksFor(1000, wanted), looksFor(2000, wanted)];
    expect(all / half).toBeLessThan(2.3);
  });
});

function twoBeside(): (index: number, shared: Limit) => Wanted {
  let own = limit(1);
  return (index, shared) => {
    own = index % 2 === 0 ? limit(1) : own;
    return { limits: [shared, own] };
  };
}
