/**
 * Runs cases in fresh processes. The sources are bundled once at the start, so that all rounds measure the same code, that the
 * processes load no compiler, and that each loads only what its case imports.
 */
import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import type { Sample } from "../cases/main.ts";

const CASES = new URL("../cases/", import.meta.url).href;
const PROGRAM = import.meta.resolve("../cases/main.ts");
const CACHE = fileURLToPath(new URL("../../node_modules/.cache/bench/", import.meta.url));

/** Bundled cases. */
export interface CaseRunner {
  /** Runs a case once in a fresh process. */
  run(options: SampleOptions): Promise<Sample>;
  /** Removes the bundle. */
  close(): void;
}

/** What to run. */
export interface SampleOptions {
  /** The URL of the module with `makeInput`. */
  readonly input: string;
  /** The URL of the module with `run`; absent: the input is made and nothing is run. */
  readonly module?: string | undefined;
  /** How many tasks. */
  readonly size: number;
  /** How many run at once. */
  readonly limit: number;
}

/** Bundles those of the modules that are below `bench/cases`; others run as they are. Close it after use. */
export async function bundleCases(modules: readonly string[]): Promise<CaseRunner> {
  const folder = join(CACHE, String(process.pid));
  await bundle([PROGRAM, ...modules], folder);
  const program = fileURLToPath(bundledUrl(PROGRAM, folder));
  return {
    async run({ input, module, size, limit }) {
      const urls = [input, module ?? ""].map((url) => bundledUrl(url, folder));
      const words = [program, ...urls, String(size), String(limit)];
      const { stdout } = await promisify(execFile)(process.execPath, words);
      return JSON.parse(stdout) as Sample; // The program prints one.
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Compiles and bundles modules below `bench/cases` into a folder of the same layout. */
export async function bundle(modules: readonly string[], folder: string): Promise<void> {
  await build({
    entryPoints: modules.filter((url) => url.startsWith(CASES)).map((url) => fileURLToPath(url)),
    outbase: fileURLToPath(CASES),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
  });
}

function bundledUrl(url: string, folder: string): string {
  return url.startsWith(CASES)
    ? pathToFileURL(join(folder, url.slice(CASES.length).replace(/\.ts$/, ".mjs"))).href
    : url;
}
