/** A process, named so that another one can tell whether it has died: also where its number has gone to another since. */
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { errorCode } from "./file-error.ts";

/** Names a process. Plain data. */
export interface ProcessIdentity {
  /** Where its number means something: the boot of a machine and, on Linux, the namespace of its processes. */
  readonly place: string;
  readonly pid: number;
  /** When it started, as the system counts it; empty where the system does not say. */
  readonly startedAt: string;
}

/** The identity of this process. */
export function ownIdentity(): ProcessIdentity {
  return { place: placeOfThis(), pid: process.pid, startedAt: startOf(process.pid) };
}

/** Whether a process is alive; undefined where that cannot be known from here: it is of another machine,
 * in another container, or hidden from this user. */
export function isAlive({ place, pid, startedAt }: ProcessIdentity): boolean | undefined {
  if (place !== placeOfThis()) {
    return undefined;
  }
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errorCode(error) !== "EPERM") {
      return false;
    }
    const start = startOf(pid);
    // Of processes of other users some systems show nothing.
    return start === "" && startedAt !== "" ? undefined : start === startedAt;
  }
  return startOf(pid) === startedAt;
}

/** The number of the field of `/proc/<pid>/stat` that tells when it started, counted from the one after the name. */
const START_FIELD = 19;

function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name may have anything in it, brackets too.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state] = fields;
    return state === "Z" ? "ended" : (fields[START_FIELD] ?? "");
  } catch {
    return ""; // No such process, or no such folder on this system.
  }
}

let place: string | undefined;

function placeOfThis(): string {
  place ??= [hostname(), linked("/proc/self/ns/pid"), read("/proc/sys/kernel/random/boot_id")].join(
    " ",
  );
  return place;
}

function linked(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ""; // Not Linux.
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return ""; // Not Linux.
  }
}
