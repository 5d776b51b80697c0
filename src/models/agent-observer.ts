/** Who is told what happens in a run of an agent. */
import { isThenable } from "../core/thenable.ts";
import type { AgentEvent, AgentRunOptions } from "./agent-run.ts";

/** Tells an observer, which cannot hurt the run: one that throws, or whose promise rejects, is not called again. */
export function teller(onEvent: AgentRunOptions["onEvent"]): (event: AgentEvent) => void {
  let observer: ((event: AgentEvent) => unknown) | undefined = onEvent;
  const forget = (): void => {
    observer = undefined;
  };
  return (event) => {
    try {
      const result = observer?.(event);
      if (isThenable(result)) {
        result.then(undefined, forget);
      }
    } catch {
      forget();
    }
  };
}
