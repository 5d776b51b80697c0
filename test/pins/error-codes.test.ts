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
import type * as errors from "../../src/core/errors.ts";
import { ModelOutputError } from "../../src/models/model-output-error.ts";
import { PlanError } from "../../src/plan/index.ts";
import { RecordingError } from "../../src/recording/read-recording.ts";
import { CommandError } from "../../src/system/command-error.ts";

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
  MODEL_OUTPUT_INVALID: true,
  INTERNAL: true,
} satisfies Record<FanfoldErrorCode, true>);

const CLASSES = [
  CancelledError,
  TimedOutError,
  TasksFailedError,
  SkippedError,
  SourceFailedError,
  ScopeClosedError,
  WaitRefusedError,
  InternalError,
];

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

  test("are carried by errors that another copy of the package recognises", async () => {
    const another = new URL("../../src/core/errors.ts?another", import.meta.url).href;
    const copy = (await import(another)) as typeof errors;
    expect(copy.FanfoldError).not.toBe(FanfoldError);
    expect(ERRORS.every(copy.FanfoldError.isInstance)).toBe(true);
    expect(copy.TasksFailedError.isInstance(new TasksFailedError([]))).toBe(true);
    expect(copy.TasksFailedError.isInstance(new CancelledError("cancelled", "reason"))).toBe(false);
  });

  test("isInstance of a class takes its own errors, and those of no other class", () => {
    const classes = [...CLASSES, PlanError, RecordingError, CommandError, ModelOutputError];
    const all = [
      ...ERRORS,
      new PlanError("plan.yaml", "", []),
      new RecordingError("damaged"),
      new CommandError("failed"),
      new ModelOutputError("", []),
    ];
    expect(all.map((error) => classes.filter((each) => each.isInstance(error)))).toEqual(
      classes.map((each) => [each]),
    );
    expect(classes.some((each) => each.isInstance(new Error("other")))).toBe(false);
  });
});
