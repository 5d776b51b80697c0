/** The groups of processes of commands: those there are, and signals to them. */
import { spawnSync, type ChildProcess } from "node:child_process";

const running = new Set<ChildProcess>();

/** Remembers a group until it is forgotten. */
export function trackGroup(leader: ChildProcess): void {
  running.add(leader);
}

/** Forgets a group that has ended, or never came to be. */
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

/** Whether a signal would reach a process of the group. On Linux that may be one that has ended, and whose parent has not noticed. */
export function isGroupAlive({ pid }: ChildProcess): boolean {
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
