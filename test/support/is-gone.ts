/** Whether processes have ended. Linux alone. */
import { readFile } from "node:fs/promises";

/** Whether a process has ended; one that was killed may take a moment. */
export async function isGone(pid: number): Promise<boolean> {
  for (let looks = 0; looks < 1000; looks += 1) {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    if (stat === "" || /\) [ZX] /.test(stat)) {
      return true;
    }
  }
  return false;
}
