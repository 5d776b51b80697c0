/** The processes of one command: their group, and how it is ended to the last of them. */
import { spawnSync, type ChildProcess } from "node:child_process";

/** How often a group that was told to end is looked at, in milliseconds: the system does not say when a group is empty. */
const LOOK_MS = 10;

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
  while (isAlive(leader)) {
    if (performance.now() >= killAtMs) {
      killGroup(leader, "SIGKILL");
    }
    await new Promise((resolve) => {
      setTimeout(resolve, LOOK_MS);
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
    return true;
  } catch {
    return false; // Neither signal 0 nor another can be sent: the group is empty.
  }
}
