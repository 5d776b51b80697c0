/** What ships: the root entry is small and alone, and every address of the package leads somewhere. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Minified, not compressed. Raise it knowingly: everyone who bundles Fanfold pays it. */
const ROOT_ENTRY_LIMIT_BYTES = 53_500;

interface Manifest {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Manifest;
const targets = Object.values(manifest.exports).flatMap((target) =>
  typeof target === "string" ? [target] : Object.values(target),
);
const entries = Object.entries(manifest.exports).flatMap(([name, target]) =>
  typeof target === "string" || target["default"] === undefined
    ? []
    : [[name, target["default"]] as const],
);

describe("package", () => {
  test.each(targets)("%s exists", (target) => {
    expect(existsSync(join(ROOT, target))).toBe(true);
  });

  test("the root entry imports nothing", async () => {
    const { metafile } = await build({
      entryPoints: [join(ROOT, "dist/index.js")],
      bundle: true,
      platform: "neutral",
      packages: "external",
      format: "esm",
      write: false,
      metafile: true,
    });
    expect(Object.values(metafile.outputs).flatMap((output) => output.imports)).toEqual([]);
  });

  test("the root entry stays small", async () => {
    const { outputFiles } = await build({
      entryPoints: [join(ROOT, "dist/index.js")],
      bundle: true,
      minify: true,
      platform: "neutral",
      format: "esm",
      write: false,
    });
    const size = outputFiles[0]?.contents.length;
    console.log(`root entry: ${size} bytes minified, limit ${ROOT_ENTRY_LIMIT_BYTES}`);
    expect(size).toBeLessThanOrEqual(ROOT_ENTRY_LIMIT_BYTES);
  });

  // The CommonJS format has no top-level await: esbuild refuses the bundle if one is in the graph.
  test.each(entries)("entry %s has no top-level await", async (_name, path) => {
    const bundle = build({
      entryPoints: [join(ROOT, path)],
      bundle: true,
      platform: "node",
      packages: "external",
      format: "cjs",
      logLevel: "silent",
      write: false,
    });
    await expect(bundle).resolves.toHaveProperty("errors", []);
  });

  test.each(entries)("entry %s can be required and imported", async (_name, path) => {
    const require = createRequire(import.meta.url);
    const required = Object.keys(require(join(ROOT, path)) as object);
    const imported = Object.keys((await import(join(ROOT, path))) as object);
    expect(required.filter((name) => name !== "__esModule").toSorted()).toEqual(
      imported.toSorted(),
    );
    expect(imported).not.toEqual([]);
  });
});
