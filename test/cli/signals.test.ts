import { afterEach, expect, test } from "vitest";
import { exitCodeOf, signalOf, watchSignals, type SignalWatch } from "../../src/cli/signals.ts";

let watch: SignalWatch | undefined;

afterEach(() => watch?.stop());

/** A watch, what it has done, and a way to have a signal arrive at it alone. */
function watched() {
  const before = new Set(process.listeners("SIGINT"));
  const done: string[] = [];
  const started = watchSignals({
    cancel: (signal) => done.push(`cancel ${signal}`),
    end: (signal) => done.push(`end ${signal}`),
  });
  watch = started;
  const [listener] = process.listeners("SIGINT").filter((each) => !before.has(each));
  const arrive = (signal: NodeJS.Signals): void => listener?.(signal);
  return { watch: started, done, arrive };
}

test("the first signal cancels, every other ends", () => {
  const { watch, done, arrive } = watched();
  expect(watch.received).toBe(undefined);
  arrive("SIGTERM");
  arrive("SIGINT");
  arrive("SIGINT");
  expect(done).toEqual(["cancel SIGTERM", "end SIGINT", "end SIGINT"]);
  expect(watch.received).toBe("SIGTERM");
});

test("every signal ends where nothing is left to cancel", () => {
  const { watch, done, arrive } = watched();
  watch.nothingToCancel();
  arrive("SIGINT");
  expect(done).toEqual(["end SIGINT"]);
});

test("a code of a signal is told from any other", () => {
  expect((["SIGHUP", "SIGINT", "SIGTERM"] as const).map(exitCodeOf)).toEqual([129, 130, 143]);
  expect([129, 130, 143].map(signalOf)).toEqual(["SIGHUP", "SIGINT", "SIGTERM"]);
  expect([0, 1, 2, 137, 141].map(signalOf)).toEqual(Array.from({ length: 5 }));
});
