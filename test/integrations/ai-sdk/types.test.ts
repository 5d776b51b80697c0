/** Everything in this folder compiles: the tests, and what `types.ts` says of inference. */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

// A compiler run of its own takes a while on a busy machine.
test("the adapter keeps what the types of both versions infer", { timeout: 240_000 }, () => {
  const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  const folder = fileURLToPath(new URL(".", import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, [compiler, "-p", folder], {
    encoding: "utf8",
  });
  expect(stdout + stderr).toBe("");
});
