/** What becomes of a race, worked out from its definition: one list of moments, looked at from the first to the last. */

export interface RacedTask {
  readonly ms: number;
  readonly ok: boolean;
  /** How long it is under way before it brings the next one; Infinity where it brings none. */
  readonly staggerMs: number;
}

export interface RaceRules {
  readonly count: number;
  /** How many extra starts there may be. */
  readonly extra: number;
  /** Whether a failure brings the next task. */
  readonly fallback: boolean;
}

export interface RaceEnd {
  /** The index of each task that started, with the time. */
  readonly starts: readonly (readonly [index: number, atMs: number])[];
  readonly winners: readonly number[];
  readonly failed: readonly number[];
  readonly endMs: number;
  readonly hedges: number;
  /** Of those among the winners. */
  readonly wins: number;
  /** How long those ran that were cancelled. */
  readonly wastedMs: number;
  /** Two things happened at the same time: which goes first is not said. */
  readonly isAmbiguous: boolean;
}

/** Races tasks of which none waits for anything. */
export function race(tasks: readonly RacedTask[], { count, extra, fallback }: RaceRules): RaceEnd {
  const starts: [number, number][] = [];
  const hedges: number[] = [];
  const winners: number[] = [];
  const failed: number[] = [];
  let nowMs = 0;
  let isAmbiguous = false;

  const running = () =>
    starts.filter(([index]) => !winners.includes(index) && !failed.includes(index));
  const start = (): void => {
    const index = starts.length;
    if (index >= tasks.length) return;
    if (running().length + winners.length >= count) {
      if (hedges.length >= extra) return;
      hedges.push(index);
    }
    starts.push([index, nowMs]);
  };
  const isOver = (): boolean => {
    const hopeful = running().length + (fallback ? tasks.length - starts.length : 0);
    return winners.length === count || winners.length + hopeful < count;
  };

  const startsAtOnce = tasks[0]?.staggerMs === 0 ? tasks.length : count;
  for (let index = 0; index < startsAtOnce; index += 1) start();
  while (!isOver()) {
    const moments = running()
      .flatMap(([index, atMs]) => {
        const { ms = 0, staggerMs = 0 } = tasks[index] ?? {};
        return [
          { index, atMs: atMs + ms, kind: "end" as const },
          { index, atMs: atMs + staggerMs, kind: "late" as const },
        ];
      })
      .filter(({ atMs, kind }) => (kind === "end" ? true : atMs > nowMs && atMs < Infinity))
      .toSorted((a, b) => a.atMs - b.atMs);
    const [moment, after] = moments;
    if (moment === undefined) throw new Error("a race that is not over must go on");
    isAmbiguous ||= after?.atMs === moment.atMs;
    nowMs = moment.atMs;
    if (moment.kind === "late") {
      start();
    } else if (tasks[moment.index]?.ok === true) {
      winners.push(moment.index);
    } else {
      failed.push(moment.index);
      if (fallback && !isOver()) start();
    }
  }
  return {
    starts,
    winners,
    failed,
    endMs: nowMs,
    hedges: hedges.length,
    wins: hedges.filter((index) => winners.includes(index)).length,
    wastedMs:
      winners.length === count ? running().reduce((sum, [, atMs]) => sum + nowMs - atMs, 0) : 0,
    isAmbiguous,
  };
}
