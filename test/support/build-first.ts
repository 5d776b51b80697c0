/** Builds dist before the tests that use it, when a source is newer. */
import { spawnSync } from "node:child_process";

export function setup(): void {
  const script = ["--import", "tsx", "scripts/build.ts", "--if-stale"];
  const { status } = spawnSync(process.execPath, script, { stdio: "inherit" });
  if (status !== 0)
    throw new Error("Cannot run the tests of the built package as the build failed");
}
