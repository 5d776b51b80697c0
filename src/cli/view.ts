/** What shows a run while it goes on. */
import type { TaskProgress } from "./progress.ts";

/** Shows a run. */
export interface View {
  /** A task has changed. */
  update(task: TaskProgress): void;
  /** Prints lines that stay. */
  print(lines: readonly string[]): void;
  /** Prints what others in this process have written: no line of the run begins within one of theirs. */
  say(text: string): void;
  /** The run has ended: shows how every task ended, as far as that is not on the screen yet. */
  end(): void;
}
