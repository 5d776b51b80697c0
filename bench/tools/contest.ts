/** The ways to run calls beside each other, on the same traces. */
import { mean } from "../support/statistics.ts";
import { printTable } from "../support/table.ts";
import {
  barrierSchedule,
  blindSchedule,
  boundOf,
  gateSchedule,
  sequentialSchedule,
  type Kind,
} from "./baselines.ts";
import { makespanOf, type Call, type Claims, type Edge, type Schedule } from "./call.ts";
import { conflictsOf, mistakesOf } from "./conflicts.ts";
import { brokenEdges, otherVersions } from "./safety.ts";
import { runSchedule } from "./schedule.ts";

/** The calls of one response, what they did, and what was declared of them. */
export interface Replay<Name extends string> {
  readonly kinds: readonly Kind[];
  /** Pairs whose order matters. */
  readonly truth: readonly Edge[];
  /** What each call touched; undefined where that was not recorded. */
  readonly effects: readonly Claims[] | undefined;
  /** What the calls claim, by who says so. */
  readonly claims: Readonly<Record<Name, readonly Call[]>>;
}

/** What is wrong with a schedule. */
interface Faults {
  readonly broken: number;
  readonly others: number;
}

/** A way to run calls. */
type Way<Name extends string> = (replay: Replay<Name>, width: number) => Promise<Schedule>;

/** How many calls run at once, at most. */
export const WIDTHS: readonly number[] = [Infinity, 10, 5, 2];

const BASELINES: Readonly<Record<string, Way<string>>> = {
  "all at once": async ({ kinds }, width) => blindSchedule(kinds.length, width),
  "one after another": async ({ kinds }) => sequentialSchedule(kinds.length),
  "a barrier at each write": async ({ kinds }, width) => barrierSchedule(kinds, width),
  "a readers-writer lock": async ({ kinds }, width) => gateSchedule(kinds, width),
};

/** Prints how much faster each way is than one call after another, and whether the order was kept; then what no schedule can beat. */
export async function printWays<Name extends string>(
  replays: readonly Replay<Name>[],
  { exact }: { readonly exact: readonly Name[] },
): Promise<void> {
  const rows: string[][] = [];
  for (const [title, way] of Object.entries(BASELINES)) {
    rows.push(await rowOf(title, way, replays));
  }
  for (const name of namesOf(replays)) {
    const way: Way<Name> = async ({ claims }, width) => await runSchedule(claims[name], { width });
    rows.push(await rowOf(`claims: ${name}`, exact.includes(name) ? checked(way) : way, replays));
  }
  const bounds = WIDTHS.map((width) =>
    speedup(replays, ({ kinds, truth }) => boundOf(kinds.length, truth, width)),
  );
  rows.push(["no safe schedule is faster", ...bounds, "", ""]);
  printTable(["calls run", ...WIDTHS.map(headOf), "order broken", "other version"], rows);
}

/** Prints what each kind of declarations misses and orders in vain. */
export function printMistakes<Name extends string>(replays: readonly Replay<Name>[]): void {
  const total = (count: (replay: Replay<Name>) => number): number =>
    replays.reduce((sum, replay) => sum + count(replay), 0);
  const conflicts = total(({ truth }) => truth.length);
  const pairs = total(({ kinds }) => (kinds.length * (kinds.length - 1)) / 2);
  const rows = namesOf(replays).map((name) => {
    const found = replays.map(({ kinds, truth, claims }) => {
      const declared = conflictsOf(claims[name]);
      return { declared, ...mistakesOf(kinds.length, truth, declared) };
    });
    const count = (field: "declared" | "missed" | "needless"): number =>
      found.reduce((sum, each) => sum + each[field].length, 0);
    return [
      name,
      `${count("missed")} of ${conflicts}`,
      `${count("declared")} of ${pairs}`,
      String(count("needless")),
    ];
  });
  printTable(["claims", "conflicts missed", "pairs that conflict", "of them needlessly"], rows);
}

/** The head of a column. */
export function headOf(width: number): string {
  return width === Infinity ? "no limit" : `limit ${width}`;
}

function namesOf<Name extends string>(replays: readonly Replay<Name>[]): readonly Name[] {
  return Object.keys(replays[0]?.claims ?? {}) as Name[]; // Made of names.
}

async function rowOf<Name extends string>(
  title: string,
  way: Way<Name>,
  replays: readonly Replay<Name>[],
): Promise<string[]> {
  const speedups: string[] = [];
  const faults: Faults[] = [];
  for (const width of WIDTHS) {
    const makespans = new Map<Replay<Name>, number>();
    let [broken, others] = [0, 0];
    for (const replay of replays) {
      const schedule = await way(replay, width);
      makespans.set(replay, makespanOf(schedule));
      broken += brokenEdges(schedule, replay.truth).length;
      others += othersOf(replay, schedule);
    }
    speedups.push(speedup(replays, (replay) => makespans.get(replay) ?? Number.NaN));
    faults.push({ broken, others });
  }
  const most = (field: keyof Faults): string =>
    String(Math.max(...faults.map((each) => each[field])));
  return [title, ...speedups, most("broken"), most("others")];
}

/** How many calls read another version; where effects were not recorded, how many come too early after another that they conflict with. */
function othersOf({ effects, truth }: Replay<string>, schedule: Schedule): number {
  return effects === undefined
    ? new Set(brokenEdges(schedule, truth).map(([, later]) => later)).size
    : otherVersions(effects, schedule).length;
}

function speedup<Name extends string>(
  replays: readonly Replay<Name>[],
  makespan: (replay: Replay<Name>) => number,
): string {
  const sequential = mean(replays.map(({ kinds }) => makespanOf(sequentialSchedule(kinds.length))));
  return (sequential / mean(replays.map(makespan))).toFixed(2);
}

/** Claims of all that calls do: the order is kept, whatever the limit. */
function checked<Name extends string>(way: Way<Name>): Way<Name> {
  return async (replay, width) => {
    const schedule = await way(replay, width);
    const broken = brokenEdges(schedule, replay.truth);
    if (broken.length > 0 || othersOf(replay, schedule) > 0) {
      throw new Error(`Cannot trust this schedule as it must keep the order: ${broken.join("; ")}`);
    }
    return schedule;
  };
}
