/**
 * Random tool programs: turns of calls over a shared store, what they are when they run one after another, and how they are run by a toolbox.
 *
 * The store has cells. A place, as calls name it, covers one cell or several: a file its parts, a folder its files, a key those below it; and
 * files have many spellings.
 */
import fc from "fast-check";

/** The folder in which the paths of {@link PLACES} lead where they should: `make` is handed to the test, which has the disk. */
export const FOLDER = {
  files: ["a", "b", "dir/x", "dir/y"],
  links: { "to-a": "a", "to-dir": "dir", "dir/to-b": "../b" },
} as const;

export const CELLS = ["a1", "a2", "b", "x", "y", "k", "kp"] as const;
export type Cell = (typeof CELLS)[number];

/** What each spelling covers. */
export const PLACES: Readonly<Record<string, readonly Cell[]>> = {
  a: ["a1", "a2"],
  "./a": ["a1", "a2"],
  "none/../a": ["a1", "a2"],
  "to-a": ["a1", "a2"],
  "a#one": ["a1"],
  "to-a#two": ["a2"],
  b: ["b"],
  "dir/to-b": ["b"],
  "to-dir/to-b": ["b"],
  "dir/x": ["x"],
  "to-dir/x": ["x"],
  "dir/./../dir/y": ["y"],
  dir: ["x", "y"],
  "to-dir/": ["x", "y"],
  "db:k": ["k", "kp"],
  "db:k/p": ["kp"],
};

/** What the tools of a program do, apart from what they declare. */
export type ToolName =
  | "get"
  | "put"
  | "copy"
  | "set"
  | "look"
  | "shake"
  | "echo"
  | "peek"
  | "ask"
  | "missing";

/** A reference by the position of an earlier call of the turn, as its id or as its number. */
export interface Link {
  readonly to: number;
  readonly by: "id" | "number";
  readonly path: string;
}

export interface ProgramCall {
  readonly tool: ToolName;
  readonly place: string | Link;
  readonly target: string;
  readonly text: string | Link;
  readonly fails: boolean;
  /** How many attempts fail. */
  readonly failures: number;
  readonly approval: {
    readonly needed: boolean;
    readonly given: boolean;
    readonly afterMs: number;
  };
  /** How its arguments are spoilt. */
  readonly spoilt: "type" | "json" | undefined;
  /** What it is said to come after: calls of its turn, as a link means them. */
  readonly after: readonly number[] | undefined;
  /** Whether it has the id of an earlier call. */
  readonly duplicateOf: number | undefined;
  readonly schemaMs: number;
  /** Before and after what it does. */
  readonly delaysMs: readonly [number, number];
  /** How long the model writes before it. */
  readonly gapMs: number;
  /** In which of the turns that are open. */
  readonly turn: number;
}

export interface Program {
  readonly turns: number;
  readonly calls: readonly ProgramCall[];
  /** After which of all calls each turn is committed, at the earliest after its last. */
  readonly commitMs: readonly number[];
  readonly concurrency: number;
  readonly putConcurrency: number;
}

const rarely = fc.integer({ min: 0, max: 11 }).map((value) => value === 0);
const place = fc.constantFrom(...Object.keys(PLACES));
const shortMs = fc.oneof(fc.constant(0), fc.nat(6));

const link: fc.Arbitrary<Link> = fc.record({
  to: fc.nat(12),
  by: fc.constantFrom("id" as const, "number" as const),
  path: fc.oneof(
    { weight: 8, arbitrary: fc.constant("/value") },
    { weight: 1, arbitrary: fc.constantFrom("/none", "value") },
  ),
});

const call = (turns: number): fc.Arbitrary<ProgramCall> =>
  fc.record({
    tool: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom<ToolName>("get", "put") },
      { weight: 4, arbitrary: fc.constantFrom<ToolName>("copy", "set", "echo", "ask", "peek") },
      { weight: 1, arbitrary: fc.constantFrom<ToolName>("look", "shake", "missing") },
    ),
    place: fc.oneof({ weight: 8, arbitrary: place }, { weight: 1, arbitrary: link }),
    target: place,
    text: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom("p", "q") },
      { weight: 1, arbitrary: link },
      { weight: 1, arbitrary: place },
    ),
    fails: rarely,
    failures: fc.oneof(fc.constant(0), fc.nat(3)),
    approval: fc.record({ needed: fc.boolean(), given: fc.boolean(), afterMs: shortMs }),
    spoilt: fc.oneof(
      { weight: 16, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom("type" as const, "json" as const) },
    ),
    after: fc.oneof(
      { weight: 4, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.array(fc.nat(12), { maxLength: 3 }) },
    ),
    duplicateOf: fc.oneof(
      { weight: 16, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.nat(8) },
    ),
    // Between turns the order of calls is that in which they come into place: with one turn only it is that of adding.
    schemaMs:
      turns > 1 ? fc.constant(0) : fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(4)),
    delaysMs: fc.tuple(shortMs, shortMs),
    gapMs: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(5)),
    turn: fc.nat(turns - 1),
  });

export const program: fc.Arbitrary<Program> = fc.integer({ min: 1, max: 3 }).chain((turns) =>
  fc.record({
    turns: fc.constant(turns),
    calls: fc.array(call(turns), { minLength: 1, maxLength: 16 }),
    commitMs: fc.array(shortMs, { minLength: turns, maxLength: turns }),
    concurrency: fc.integer({ min: 1, max: 5 }),
    putConcurrency: fc.integer({ min: 1, max: 3 }),
  }),
);

/** The arguments of a call, once references are filled in. */
export interface Input {
  readonly place: string;
  readonly target: string;
  readonly text: string;
  readonly fails: boolean;
  readonly failures: number;
  readonly ask: boolean;
}

export type Store = Map<Cell, string>;

export const newStore = (): Store => new Map(CELLS.map((cell) => [cell, cell]));

/** The most attempts of `set`. */
export const ATTEMPTS = 3;

/** What an attempt of a call does to the store, at one moment. */
export function apply(
  tool: ToolName,
  input: Input,
  store: Store,
  attempt: number,
): { value: string } {
  const cells = PLACES[input.place] ?? [];
  const read = (from: readonly Cell[]): string => hash(from.map((cell) => store.get(cell)).join());
  const write = (to: readonly Cell[], text: string): void =>
    to.forEach((cell) => store.set(cell, hash(`${store.get(cell)} ${text}`)));
  const failAs = (fails: boolean): void => {
    if (fails) {
      throw new Error(`${tool} fails`);
    }
  };
  switch (tool) {
    case "get":
      failAs(input.fails);
      return { value: read(cells) };
    case "put":
    case "ask":
      write(cells, input.text);
      failAs(input.fails);
      return { value: read(cells) };
    case "copy":
      write(PLACES[input.target] ?? [], read(cells));
      failAs(input.fails);
      return { value: read(cells) };
    case "set": {
      const isLate = attempt > input.failures;
      cells.forEach((cell) => store.set(cell, isLate ? input.text : `part ${attempt}`));
      failAs(!isLate);
      return { value: read(cells) };
    }
    case "look":
      failAs(input.fails);
      return { value: read(CELLS) };
    case "shake":
      write(CELLS, input.text);
      failAs(input.fails);
      return { value: read(CELLS) };
    case "echo":
    case "peek":
      failAs(input.fails);
      return { value: input.text };
    case "missing":
      throw new Error("There is no such tool");
  }
}

/** Which cells a call reads and writes; `alone` runs beside nothing, not even beside calls that touch nothing. */
export function touches(
  tool: ToolName,
  input: Input,
): { readonly reads: readonly Cell[]; readonly writes: readonly Cell[]; readonly alone: boolean } {
  const cells = PLACES[input.place] ?? [];
  switch (tool) {
    case "get":
      return { reads: cells, writes: [], alone: false };
    case "put":
    case "set":
    case "ask":
      return { reads: [], writes: cells, alone: false };
    case "copy":
      return { reads: cells, writes: PLACES[input.target] ?? [], alone: false };
    case "look":
      return { reads: CELLS, writes: [], alone: false };
    case "shake":
      return { reads: [], writes: CELLS, alone: true };
    case "echo":
    case "peek":
    case "missing":
      return { reads: [], writes: [], alone: false };
  }
}

/** What comes of a call, without the words. */
export interface Expected {
  readonly id: string;
  readonly status: "completed" | "failed" | "invalid" | "skipped" | "denied";
  readonly output: unknown;
}

/** A call of a program, as it is handed to its turn. */
export interface PlacedCall {
  readonly call: ProgramCall;
  readonly id: string;
  /** Its number in its turn, from 1. */
  readonly number: number;
}

/** Gives the calls their ids. */
export function placeCalls({ calls, turns }: Program): readonly PlacedCall[] {
  const ids: string[][] = Array.from({ length: turns }, () => []);
  return calls.map((call) => {
    const own = ids[call.turn] as string[];
    const number = own.length + 1;
    const id =
      call.duplicateOf === undefined || own.length === 0
        ? `${call.turn}.${number}`
        : (own[call.duplicateOf % own.length] as string);
    own.push(id);
    return { call, id, number };
  });
}

/** The number in its turn of the call that a link of call `number` means: mostly that of an earlier one, at times of none. */
export const linkedNumber = ({ to }: Pick<Link, "to">, number: number): number =>
  to === 12 ? number + 1 : to % (number + 1);

/** Runs the calls one after another, in the order in which they were added. */
export function runSerially(all: Program): {
  readonly results: readonly (readonly Expected[])[];
  readonly store: Store;
} {
  const store = newStore();
  const results: Expected[][] = Array.from({ length: all.turns }, () => []);
  for (const placed of placeCalls(all)) {
    const own = results[placed.call.turn] as Expected[];
    own.push(runOne(placed, own, store));
  }
  return { results, store };
}

function runOne(
  { call, id, number }: PlacedCall,
  earlier: readonly Expected[],
  store: Store,
): Expected {
  const end = (status: Expected["status"], output?: unknown): Expected => ({ id, status, output });
  if (earlier.some((each) => each.id === id) || call.tool === "missing" || call.spoilt === "json") {
    return end("invalid");
  }
  const filled: string[] = [];
  const links = [call.place, call.text].filter((each) => typeof each !== "string");
  const sources = links.map((each) => {
    const source = earlier[linkedNumber(each, number) - 1];
    return each.by === "id" ? earlier.find((first) => first.id === source?.id) : source;
  });
  const before = (call.after ?? []).map((to) => {
    const named = earlier[linkedNumber({ to }, number) - 1];
    return earlier.find((first) => first.id === named?.id);
  });
  if (sources.includes(undefined) || before.includes(undefined)) {
    return end("invalid");
  }
  const isKnown = typeof call.place === "string" && typeof call.text === "string";
  if (isKnown && (call.spoilt === "type" || PLACES[call.place] === undefined)) {
    return end("invalid"); // What is known to be wrong at once is not waited with.
  }
  if ([...before, ...sources].some((source) => source?.status !== "completed")) {
    return end("skipped");
  }
  for (const [index, { path }] of links.entries()) {
    if (path !== "/value") {
      return end("invalid");
    }
    const { value } = (sources[index] as Expected).output as { readonly value: string };
    filled.push(value);
  }
  const place = typeof call.place === "string" ? call.place : (filled.shift() as string);
  const text = typeof call.text === "string" ? call.text : (filled.shift() as string);
  if (call.spoilt === "type" || PLACES[place] === undefined) {
    return end("invalid");
  }
  const { target, fails, failures } = call;
  const input = { place, target, text, fails, failures, ask: call.approval.needed };
  if (call.tool === "ask" && call.approval.needed && !call.approval.given) {
    return end("denied");
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return end("completed", apply(call.tool, input, store, attempt));
    } catch {
      if (call.tool !== "set" || attempt === ATTEMPTS) {
        return end("failed");
      }
    }
  }
}

/** A short text that differs where the text differs (FNV-1a). */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return (value >>> 0).toString(36);
}
