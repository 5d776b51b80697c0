/** Every example runs as a user would run it, asserts its own output, and prints what it says that it prints. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { settle, type Outcome, type TaskContext } from "fanfold";
import { beforeAll, describe, expect, test } from "vitest";
import { expectedOutput, findExamples, runExample, type Example } from "../scripts/run-example.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const examples = findExamples();
const programs = examples.filter(({ kind }) => kind === "program");
const plans = examples.filter(({ kind }) => kind === "plan");

describe("examples", () => {
  let outcomes: Readonly<Record<string, Outcome<string>>> = {};

  beforeAll(async () => {
    const run = (program: Example) => (ctx: TaskContext) => runExample(program, ctx);
    outcomes = await settle(
      Object.fromEntries(programs.map((program) => [program.name, run(program)])),
      { limit: 3, timeoutMs: 60_000 },
    );
  }, 600_000); // Each of them has its own time.

  test.each(programs)("$path runs and prints what it says", (program) => {
    const outcome = outcomes[program.name];
    if (outcome?.status !== "completed")
      throw outcome?.status === "failed" ? outcome.error : outcome;
    expect(outcome.value).toBe(expectedOutput(program, outcome.value));
  });

  // `npm run examples` also runs them: they take longer than all programs together.
  test.each(plans)("$path can be run", async ({ path }) => {
    await promisify(execFile)(process.execPath, ["dist/cli/main.js", "check", path], { cwd: ROOT });
  });

  test("are all listed in examples/README.md", () => {
    const page = readFileSync(join(ROOT, "examples/README.md"), "utf8");
    const listed = [...page.matchAll(/\]\(([^)]+)\)/g)].map(([, path]) => `examples/${path}`);
    expect(listed.toSorted()).toEqual(examples.map(({ path }) => path).toSorted());
  });
});
