/**
 * Runs every example: programs (`examples/<name>.ts`, `examples/<name>/main.ts`) against the sources, and plans
 * (`examples/<name>/plan.yaml`) with the built command. An example asserts its own output, and fails by its exit code.
 * Names on the command line choose: `npm run examples -- review`.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDER = join(ROOT, "examples");

const chosen = process.argv.slice(2);
const examples = findExamples().filter(({ name }) => chosen.length === 0 || chosen.includes(name));
if (chosen.length > 0 && examples.length === 0) {
  throw new RangeError(`Cannot run examples as none has the name ${chosen.join(", ")}`);
}
if (examples.some(({ path }) => path.endsWith(".yaml")))
  runNode("--import", "tsx", "scripts/build.ts", "--if-stale");

const failed = examples.filter(({ name, path }) => {
  console.log(`\n--- ${name}: ${path}`);
  return path.endsWith(".ts")
    ? runNode("--import", "tsx", path) !== 0
    : runNode("dist/cli/main.js", "run", path) !== 0;
});
console.log(`\n${examples.length - failed.length} of ${examples.length} examples passed`);
for (const { path } of failed) console.log(`failed: ${path}`);
if (failed.length > 0) process.exitCode = 1;

function findExamples(): readonly { name: string; path: string }[] {
  if (!existsSync(FOLDER)) return [];
  return readdirSync(FOLDER, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isFile()) {
      const name = entry.name.replace(/\.ts$/, "");
      return name === entry.name ? [] : [{ name, path: `examples/${entry.name}` }];
    }
    return ["main.ts", "plan.yaml"]
      .map((file) => ({ name: entry.name, path: `examples/${entry.name}/${file}` }))
      .filter(({ path }) => existsSync(join(ROOT, path)));
  });
}

function runNode(...args: string[]): number {
  const { status } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
  });
  return status ?? 1;
}
