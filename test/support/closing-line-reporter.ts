/** Ends a test run with one line: `N passed, N failed, N skipped`. */
import type { Reporter } from "vitest/node";

/** A file that did not load, and an error outside of any test, count as failed. */
export const closingLineReporter: Reporter = {
  onTestRunEnd(modules, unhandledErrors) {
    const states = modules.flatMap((module) =>
      [...module.children.allTests()].map((test) => test.result().state),
    );
    const count = (state: string): number => states.filter((each) => each === state).length;
    const broken = modules.flatMap((module) => module.errors()).length + unhandledErrors.length;
    console.log(
      `${count("passed")} passed, ${count("failed") + broken} failed, ${count("skipped")} skipped`,
    );
  },
};
