/** What signals do to a run: the first cancels it, a second ends this process at once. */
import { constants } from "node:os";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A signal that ends runs. */
export type EndingSignal = (typeof SIGNALS)[number];

/** What signals do. */
export interface SignalActions {
  /** Called at the first signal. */
  readonly cancel: (signal: EndingSignal) => void;
  /** Called at each after that. Ends this process. */
  readonly end: (signal: EndingSignal) => void;
}

/** Listens to signals until it is told to stop. */
export interface SignalWatch {
  /** The first signal that came. */
  readonly received: EndingSignal | undefined;
  /** There is nothing to cancel any more: from now on every signal ends this process. */
  nothingToCancel(): void;
  stop(): void;
}

/** Begins to listen. */
export function watchSignals({ cancel, end }: SignalActions): SignalWatch {
  let received: EndingSignal | undefined;
  let canCancel = true;
  const handler = (signal: EndingSignal): void => {
    const isFirst = received === undefined;
    received ??= signal;
    (isFirst && canCancel ? cancel : end)(signal);
  };
  SIGNALS.forEach((signal) => process.on(signal, handler));
  return {
    get received() {
      return received;
    },
    nothingToCancel: () => {
      canCancel = false;
    },
    stop: () => SIGNALS.forEach((signal) => process.off(signal, handler)),
  };
}

/** As shells say it: 128 and the number of the signal. */
export function exitCodeOf(signal: EndingSignal): number {
  return 128 + constants.signals[signal];
}

/** The signal that an exit code speaks of; undefined where it speaks of none. */
export function signalOf(code: number): EndingSignal | undefined {
  return SIGNALS.find((signal) => exitCodeOf(signal) === code);
}
