/** The processes of this machine, as Linux shows them. */
import { readdirSync, readFileSync } from "node:fs";

/** One process. */
export interface SeenProcess {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
}

/**
 * All processes that still do something. One that has ended stays until its parent takes notice, which the first process of a container may never
 * do.
 */
export function readProcesses(): readonly SeenProcess[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) {
      return [];
    }
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "latin1");
      // proc(5): the name stands in parentheses and may contain any character; state, parent and group follow it.
      const [state, parent, group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return state === "Z" || state === "X"
        ? []
        : [{ pid: Number(name), parent: Number(parent), group: Number(group) }];
    } catch {
      return []; // It is gone.
    }
  });
}
