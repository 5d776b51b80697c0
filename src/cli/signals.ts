/** What signals do to a run: the first cancels it, a second ends this process at once. */
import { constants } from "node:os";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A signal that ends runs. */
export type EndingSignal = (typeof SIGNALS)[number];

/** Listens to signals until it is told to stop. */
export interface SignalWatch {
  /** The first signal that came. */
  readonly received: EndingSignal | undefined;
  stop(): void;
}

/** Calls `cancel` at the first signal. A second one ends this process. */
export function watchSignals(cancel: (signal: EndingSignal) => void): SignalWatch {
  let received: EndingSignal | undefined;
  const handler = (signal: EndingSignal): void => {
    if (received !== undefined) {
      process.exit(exitCodeOf(signal));
    }
    received = signal;
    cancel(signal);
  };
  SIGNALS.forEach((signal) => process.on(signal, handler));
  return {
    get received() {
      return received;
    },
    stop: () => SIGNALS.forEach((signal) => process.off(signal, handler)),
  };
}

/** As shells say it: 128 and the number of the signal. */
export function exitCodeOf(signal: EndingSignal): number {
  return 128 + constants.signals[signal];
}
