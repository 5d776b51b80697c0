/**
 * Finds processes that left the group of their command, by a mark in their environment. Linux only: elsewhere none is found.
 * A process that leaves its group and clears its environment as well is not found.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The environment variable that carries the marks of all runs around a process, joined by colons. */
const VARIABLE = "FANFOLD_MARK";

/** How often processes that were told to end are looked at, in milliseconds. */
const LOOK_MS = 20;

/** How long processes may outlive SIGKILL before they are given up, in milliseconds: the system itself then holds on to them. */
const UNKILLABLE_MS = 2000;

/** How many looks are taken where none is found, and it is not known whether there is one. */
export const LOOKS_IN_DOUBT = 3;

/** How long is waited between two such looks, in milliseconds. The system takes some 0.05 to replace a program by another. */
export const DOUBT_MS = 2;

/** The environment of a process that carries `mark` beside the marks that this process carries itself. */
export function markedEnvironment(mark: string): Readonly<Record<string, string>> {
  const outer = process.env[VARIABLE];
  return { [VARIABLE]: outer === undefined ? mark : `${outer}:${mark}` };
}

/** The marks that this process carries itself. */
export function marksAround(): readonly string[] {
  return process.env[VARIABLE]?.split(":") ?? [];
}

/** Ends every process that carries `mark`, or a mark that begins with it and a dot: SIGTERM, and SIGKILL after the grace. */
export async function endMarked(mark: string, graceMs: number): Promise<void> {
  const killAtMs = performance.now() + graceMs;
  const told = new Set<number>();
  let doubts = 0;
  while (performance.now() < killAtMs + UNKILLABLE_MS) {
    const { carrying, areAll } = findMarked(mark);
    if (performance.now() >= killAtMs) {
      signalAll(carrying, "SIGKILL");
    } else {
      signalAll(
        carrying.filter((pid) => !told.has(pid)),
        "SIGTERM",
      );
      carrying.forEach((pid) => told.add(pid));
    }
    const areNone = carrying.length === 0;
    if (areNone && (areAll || (doubts += 1) === LOOKS_IN_DOUBT)) {
      return;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, areNone ? DOUBT_MS : LOOK_MS);
    });
  }
}

/** Ends every process that carries `mark` at once, without grace. */
export function killMarked(mark: string): void {
  for (let looksLeft = LOOKS_IN_DOUBT; looksLeft > 0; looksLeft -= 1) {
    const { carrying, areAll } = findMarked(mark);
    signalAll(carrying, "SIGKILL");
    if (areAll) {
      return;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, DOUBT_MS);
  }
}

/** What a look at all processes has found. */
interface Found {
  readonly carrying: readonly number[];
  /** Whether no others can carry the mark: false where one shows no environment, as it is at this moment replaced by another program. */
  readonly areAll: boolean;
}

function findMarked(mark: string): Found {
  if (process.platform !== "linux") {
    return { carrying: [], areAll: true };
  }
  const carrying: number[] = [];
  let areAll = true;
  for (const pid of readdirSync("/proc").map(Number)) {
    if (!Number.isInteger(pid) || pid === process.pid) {
      continue;
    }
    const marks = marksOf(pid);
    if (marks === undefined) {
      areAll = false;
    } else if (marks.some((each) => isMarkOf(mark, each))) {
      carrying.push(pid);
    }
  }
  return { carrying, areAll };
}

/** The marks of a process; undefined where it has a program and no environment: none was given, or it is not yet there. */
export function marksOf(pid: number): readonly string[] | undefined {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, "latin1");
    if (environment === "") {
      readlinkSync(`/proc/${pid}/exe`); // Which neither one that has ended nor a thread of the system has.
      return undefined;
    }
    const entry = environment.split("\0").find((each) => each.startsWith(`${VARIABLE}=`));
    return entry?.slice(VARIABLE.length + 1).split(":") ?? [];
  } catch {
    return []; // It has ended, is ending, or belongs to somebody else.
  }
}

/** Whether a mark is `mark`, or begins with it and a dot. */
export function isMarkOf(mark: string, each: string): boolean {
  return each === mark || each.startsWith(`${mark}.`);
}

/** Sends a signal to each that is still there. */
export function signalAll(pids: readonly number[], signal: "SIGTERM" | "SIGKILL"): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended in the meantime.
    }
  }
}
