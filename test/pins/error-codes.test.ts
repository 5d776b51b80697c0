// Callers compare these strings: one that is renamed or goes away breaks them.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  CancelledError,
  FanfoldError,
  InternalError,
  ScopeClosedError,
  SkippedError,
  SourceFailedError,
  TasksFailedError,
  TimedOutError,
  WaitRefusedError,
  type FanfoldErrorCode,
} from "../../src/index.ts";

// The compiler holds this to the type: no code is missing, none is left over.
const CODES = Object.keys({
  CANCELLED: true,
  TIMED_OUT: true,
  TASKS_FAILED: true,
  SKIPPED: true,
  SOURCE_FAILED: true,
  SCOPE_CLOSED: true,
  WAIT_REFUSED: true,
  PLAN_INVALID: true,
  COMMAND_FAILED: true,
  RECORDING_INVALID: true,
  INTERNAL: true,
} satisfies Record<FanfoldErrorCode, true>);

const because = { kind: "condition", condition: "none" } as const;

const ERRORS: readonly FanfoldError[] = [
  new CancelledError("cancelled", "reason"),
  new TimedOutError("a", "timeout", 1),
  new TasksFailedError([]),
  new SkippedError("a", because),
  new SourceFailedError(new Error("source"), []),
  new ScopeClosedError("a", "ended"),
  new WaitRefusedError("a", "b", "rule"),
  new InternalError("bug"),
];

/** The sections of `docs/errors.md` named like a code. */
const sections = [
  ...readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8").matchAll(
    /^## ([A-Z_]+)$/gm,
  ),
].map((match) => match[1] ?? "");

describe("error codes", () => {
  test("of the classes are these, and each error has the name of its class", () => {
    expect(ERRORS.map(({ name, code }) => `${name} ${code}`)).toEqual([
      "CancelledError CANCELLED",
      "TimedOutError TIMED_OUT",
      "TasksFailedError TASKS_FAILED",
      "SkippedError SKIPPED",
      "SourceFailedError SOURCE_FAILED",
      "ScopeClosedError SCOPE_CLOSED",
      "WaitRefusedError WAIT_REFUSED",
      "InternalError INTERNAL",
    ]);
  });

  test.each(CODES)("%s has a section in docs/errors.md", (code) => {
    expect(sections).toContain(code);
  });

  test("have no section in docs/errors.md without being a code", () => {
    expect(sections.filter((section) => !CODES.includes(section))).toEqual([]);
  });

  test("are carried by errors that another copy of the package recognises", () => {
    expect(ERRORS.every((error) => Symbol.for("fanfold.error") in error)).toBe(true);
    expect(ERRORS.every(FanfoldError.isInstance)).toBe(true);
  });
});
