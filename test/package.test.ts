/** What ships: the root entry is small and alone, and every address of the package leads somewhere. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";
import { describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/**
 * Minified, not compressed. Raise it knowingly: whoever bundles all of Fanfold pays it. `map` and `mapReduce`, which have a run class of
 * their own to be as fast as a hand-written loop, are 30,000 of it, limits that know time 12,000, votes 9,000, budgets 8,000, hedging 4,000.
 * Who uses no `map`, vote or hedging does not bundle them.
 */
const ROOT_ENTRY_LIMIT_BYTES = 142_000;

/** The same without the patterns that few programs need. */
const KERNEL_LIMIT_BYTES = 93_000;

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

/** Who imports whom of what the command may load. */
async function bundledCommand(): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: [join(ROOT, "dist/cli/main.js")],
    absWorkingDir: ROOT,
    bundle: true,
    platform: "node",
    packages: "external",
    format: "esm",
    outdir: "unused",
    write: false,
    metafile: true,
  });
  return metafile;
}

/** What is loaded with some modules, but for what they load when it is needed: packages by their names. */
function loadedBy(inputs: Metafile["inputs"], modules: readonly string[]): ReadonlySet<string> {
  const loaded = new Set(modules);
  for (const file of loaded) {
    (inputs[file]?.imports ?? [])
      .filter(({ kind }) => kind !== "dynamic-import")
      .forEach(({ path }) => loaded.add(path));
  }
  return loaded;
}

describe("package", () => {
  test.each(targets)("%s exists", (target) => {
    expect(existsSync(join(ROOT, target))).toBe(true);
  });

  test.each([
    ["the root entry", "dist/index.js", []],
    ["fanfold/testing", "dist/testing/index.js", []],
    // Agents bring the toolbox along, which knows paths and keeps long results; and no package.
    [
      "fanfold/models",
      "dist/models/index.js",
      ["node:crypto", "node:fs", "node:fs/promises", "node:module", "node:path", "node:util"],
    ],
  ])("%s loads nothing else", async (_name, path, expected) => {
    const { metafile } = await build({
      entryPoints: [join(ROOT, path)],
      bundle: true,
      platform: "neutral",
      packages: "external",
      external: ["node:*"],
      format: "esm",
      write: false,
      metafile: true,
    });
    const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
    // What is imported when it is needed costs nothing before.
    const loaded = imports.filter(({ kind }) => kind !== "dynamic-import").map(({ path }) => path);
    expect([...new Set(loaded)].toSorted()).toEqual(expected);
  });

  test("the command loads models, tools and the protocol only to ask and to serve, and for plans that ask", async () => {
    const apart = ["dist/cli/ask.js", "dist/cli/mcp.js", "dist/cli/print-config.js"];
    const { inputs } = await bundledCommand();
    const commands = (inputs["dist/cli/main.js"]?.imports ?? []).filter(
      ({ kind, path }) => kind === "dynamic-import" && !apart.includes(path),
    );
    const loaded = loadedBy(inputs, ["dist/cli/main.js", ...commands.map(({ path }) => path)]);
    expect(Object.keys(inputs)).toEqual(expect.arrayContaining(apart));
    expect(loaded).toContain("dist/cli/run.js");
    const small = [
      ...["answer-kind", "cost", "defaults", "describe-spent", "json-schema-of", "meter"],
      ...[
        "model-location",
        "model-output-error",
        "plain-data",
        "shape",
        "source-result",
        "subschemas",
        "thresholds",
      ],
    ];
    expect(
      [...loaded].filter((path) => /^dist\/(models|tools|mcp)\//.test(path)).toSorted(),
    ).toEqual([
      ...small.map((name) => `dist/models/${name}.js`),
      "dist/tools/derived-json-schema.js",
    ]);
  });

  test("commands without a plan file load no package but the colours", async () => {
    const { inputs } = await bundledCommand();
    const packages = [...loadedBy(inputs, ["dist/cli/exec.js"])].filter(
      (path) => !/^(dist\/|node:)/.test(path),
    );
    expect(packages).toEqual(["picocolors"]);
  });

  test.each([
    ["the root entry", "*", ROOT_ENTRY_LIMIT_BYTES],
    ["what tasks need", "{ all, first, limit, scope, settle }", KERNEL_LIMIT_BYTES],
  ])("%s stays small", async (title, names, limitBytes) => {
    const { outputFiles } = await build({
      stdin: { contents: `export ${names} from "./dist/index.js";`, resolveDir: ROOT },
      bundle: true,
      minify: true,
      platform: "neutral",
      format: "esm",
      write: false,
    });
    const size = outputFiles[0]?.contents.length;
    console.log(`${title}: ${size} bytes minified, limit ${limitBytes}`);
    expect(size).toBeLessThanOrEqual(limitBytes);
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
