/**
 * Runs every example, two at a time, and prints what they print, in the order of their names. `npm run examples -- review` runs one.
 * An example asserts its own output, and fails by its exit code or by printing something else than it says.
 */
import { spawnSync } from "node:child_process";
import { mapSettled } from "fanfold";
import { expectedOutput, findExamples, runExample } from "./run-example.ts";

const chosen = process.argv.slice(2);
const all = findExamples();
const unknown = chosen.filter((name) => all.every((example) => example.name !== name));
if (unknown.length > 0) {
  throw new RangeError(`Cannot run examples as none has the name ${unknown.join(", ")}`);
}
const examples = all.filter(({ name }) => chosen.length === 0 || chosen.includes(name));
if (examples.some(({ kind }) => kind === "plan")) {
  const build = ["--import", "tsx", "scripts/build.ts", "--if-stale"];
  const { status } = spawnSync(process.execPath, build, { stdio: "inherit" });
  if (status !== 0) throw new Error("Cannot run plans as the build failed");
}

let failed = 0;
const outcomes = mapSettled(
  examples,
  async (example, ctx) => {
    const printed = await runExample(example, ctx);
    return { printed, expected: expectedOutput(example, printed) };
  },
  { limit: 2 },
);
for await (const outcome of outcomes) {
  console.log(`\n--- ${examples[Number(outcome.key)]?.path}`);
  if (outcome.status === "completed" && outcome.value.printed === outcome.value.expected) {
    console.log(outcome.value.printed.trimEnd());
    continue;
  }
  failed += 1;
  if (outcome.status === "completed") {
    console.log(
      `${outcome.value.printed}\nfailed, as it should print\n\n${outcome.value.expected}`,
    );
  } else {
    console.log(outcome.status === "failed" ? String(outcome.error) : outcome.status);
  }
}
console.log(`\n${examples.length - failed} of ${examples.length} examples passed`);
if (failed > 0) process.exitCode = 1;
