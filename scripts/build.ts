/**
 * Compiles src to dist with plain tsc, and removes from dist what no longer has a source.
 *
 * dist is never absent while this runs, so that a test or a terminal beside it keeps working.
 * With `--if-stale` it does nothing when dist is newer than every source.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SOURCE = join(ROOT, "src");
const TARGET = join(ROOT, "dist");
const MARKER = join(TARGET, "index.js");
const SETTINGS = ["package.json", "tsconfig.base.json", "tsconfig.build.json"];

if (!process.argv.includes("--if-stale") || isStale()) {
  process.exitCode = build();
}

function build(): number {
  const startedAt = new Date();
  const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
  const { status } = spawnSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
    cwd: ROOT,
    stdio: "inherit",
  });
  if (status !== 0) return status ?? 1;
  prune();
  const program = join(TARGET, "cli/main.js");
  if (existsSync(program)) chmodSync(program, 0o755);
  // A source saved while the compiler ran must count as newer.
  if (existsSync(MARKER)) utimesSync(MARKER, startedAt, startedAt);
  return 0;
}

function prune(): void {
  for (const path of filesUnder(TARGET)) {
    const source = relative(TARGET, path).replace(/(\.d\.ts|\.js)$/, ".ts");
    if (!existsSync(join(SOURCE, source))) rmSync(path);
  }
}

function isStale(): boolean {
  if (!existsSync(MARKER)) return true;
  const builtAtMs = statSync(MARKER).mtimeMs;
  // A folder's own time moves when a file in it is added or removed.
  const sources = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).map((name) =>
    join(SOURCE, name),
  );
  const inputs = [SOURCE, ...sources, ...SETTINGS.map((name) => join(ROOT, name))];
  return inputs.some((path) => statSync(path).mtimeMs >= builtAtMs);
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
