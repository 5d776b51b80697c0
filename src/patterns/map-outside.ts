/** What may stop a `map` from outside: one abort listener and one deadline for the whole run. */
import { TimedOutError } from "../core/errors.ts";
import type { StopCause } from "./map-engine.ts";
import type { MapSettings } from "./map-settings.ts";

/** Connects a run, which may be stopped at once. Returns what disconnects it. */
export function connectOutside(
  { name, clock, options }: MapSettings,
  stop: (cause: StopCause) => void,
): () => void {
  const { signal, deadlineMs } = options;
  const onAbort = (): void => stop({ kind: "cancelled", reason: signal?.reason });
  if (signal?.aborted === true) {
    onAbort();
    return () => undefined;
  }
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer =
    deadlineMs === undefined
      ? undefined
      : clock.schedule(deadlineMs, () =>
          stop({ kind: "ended", error: new TimedOutError(name, "deadline", deadlineMs) }),
        );
  return () => {
    timer?.cancel();
    signal?.removeEventListener("abort", onAbort);
  };
}
