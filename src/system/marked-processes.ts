/**
 * Finds processes that left the group of their command, by a mark in their environment. Linux only: elsewhere none is found.
 * A process that leaves its group and clears its environment as well is not found.
 */
import { readdirSync, readFileSync } from "node:fs";

/** The environment variable that carries the marks of all runs around a process, joined by colons. */
const VARIABLE = "FANFOLD_MARK";

/** How often processes that were told to end are looked at, in milliseconds. */
const LOOK_MS = 20;

/** How long processes may outlive SIGKILL before they are given up, in milliseconds: the system itself then holds on to them. */
const UNKILLABLE_MS = 2000;

/** The environment of a process that carries `mark` beside the marks that this process carries itself. */
export function markedEnvironment(mark: string): Readonly<Record<string, string>> {
  const outer = process.env[VARIABLE];
  return { [VARIABLE]: outer === undefined ? mark : `${outer}:${mark}` };
}

/** Ends every process that carries `mark`, or a mark that begins with it and a dot: SIGTERM, and SIGKILL after the grace. */
export async function endMarked(mark: string, graceMs: number): Promise<void> {
  let pids = findMarked(mark);
  signalAll(pids, "SIGTERM");
  const killAtMs = performance.now() + graceMs;
  while (pids.length > 0 && performance.now() < killAtMs + UNKILLABLE_MS) {
    if (performance.now() >= killAtMs) {
      signalAll(pids, "SIGKILL");
    }
    await new Promise((resolve) => {
      setTimeout(resolve, LOOK_MS);
    });
    pids = findMarked(mark);
  }
}

/** Ends every process that carries `mark` at once, without grace. */
export function killMarked(mark: string): void {
  signalAll(findMarked(mark), "SIGKILL");
}

function findMarked(mark: string): readonly number[] {
  if (process.platform !== "linux") {
    return [];
  }
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid && carries(pid, mark));
}

function carries(pid: number, mark: string): boolean {
  let environment;
  try {
    environment = readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    return false; // It has ended, is ending, or belongs to somebody else.
  }
  const entry = environment.split("\0").find((each) => each.startsWith(`${VARIABLE}=`));
  const marks = entry?.slice(VARIABLE.length + 1).split(":") ?? [];
  return marks.some((each) => each === mark || each.startsWith(`${mark}.`));
}

function signalAll(pids: readonly number[], signal: "SIGTERM" | "SIGKILL"): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended in the meantime.
    }
  }
}
