/** The processes of one command: their group, and how it is ended to the last of them. */
import { spawnSync, type ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** How soon a group that was told to end is looked at again, in milliseconds: the system does not say when a group is empty. */
const LOOK_MS = 5;

/** How long a look may be put off, in milliseconds: each waits twice as long as the one before. */
const LONGEST_LOOK_MS = 80;

/** How long a group may outlive SIGKILL before it is given up, in milliseconds: the system itself then holds on to it. */
const UNKILLABLE_MS = 2000;

const running = new Set<ChildProcess>();

/** Remembers a group until {@link endGroup} has seen its end. */
export function trackGroup(leader: ChildProcess): void {
  running.add(leader);
}

/** Forgets a group that never came to be. */
export function forgetGroup(leader: ChildProcess): void {
  running.delete(leader);
}

/** The last resort: ends every group of this process at once, without grace. */
export function killAllGroups(): void {
  for (const leader of running) {
    killGroup(leader, "SIGKILL");
  }
}

/** Sends a signal to every process of the group. Does nothing when there is none. */
export function killGroup({ pid }: ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  if (pid === undefined) {
    return;
  }
  if (process.platform === "win32") {
    spawnSync("taskkill", ["/pid", String(pid), "/T", "/F"], { stdio: "ignore" });
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // No such group: all of it has ended.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
      throw error;
    }
  }
}

/** Ends what is left of a group whose leader has exited: SIGTERM, and SIGKILL after the grace. Resolves when it is empty. */
export async function endGroup(leader: ChildProcess, graceMs: number): Promise<void> {
  if (isAlive(leader)) {
    killGroup(leader, "SIGTERM");
  }
  const killAtMs = performance.now() + graceMs;
  for (let waitMs = LOOK_MS; isAlive(leader); waitMs = Math.min(LONGEST_LOOK_MS, waitMs * 2)) {
    if (performance.now() >= killAtMs + UNKILLABLE_MS) {
      break;
    }
    if (performance.now() >= killAtMs) {
      killGroup(leader, "SIGKILL");
    }
    await new Promise((resolve) => {
      setTimeout(resolve, waitMs);
    });
  }
  forgetGroup(leader);
}

function isAlive({ pid }: ChildProcess): boolean {
  if (pid === undefined || process.platform === "win32") {
    return false;
  }
  try {
    process.kill(-pid, 0);
  } catch {
    return false; // Neither signal 0 nor another can be sent: the group is empty.
  }
  return process.platform !== "linux" || hasLiving(pid);
}

/**
 * Whether a process of the group still does something. One that has ended stays in the group until its parent takes notice, which
 * the first process of a container may never do.
 */
function hasLiving(group: number): boolean {
  return readdirSync("/proc").some((name) => {
    if (!/^\d+$/.test(name)) {
      return false;
    }
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "latin1");
      // proc(5): the name stands in parentheses and may contain any character; state, parent and group follow it.
      const [state, , processGroup] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return Number(processGroup) === group && state !== "Z" && state !== "X";
    } catch {
      return false; // It is gone.
    }
  });
}
