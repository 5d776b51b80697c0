/**
 * The examples: where they are, how one is run, and what its output is held to.
 *
 * A program may say in a code block of its first comment what it prints. There `…` stands for anything within a line: times, and
 * whatever else differs from run to run.
 */
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { codeBlocks } from "./code-blocks.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

export interface Example {
  readonly name: string;
  /** Where it begins, from the root of the repository. */
  readonly path: string;
  /** A program runs against the sources, a plan with the built command. */
  readonly kind: "program" | "plan";
}

/**
 * Everything in `examples/`: `<name>.ts`, `<name>/main.ts` or `<name>/plan.yaml`, in the order of names.
 *
 * @throws `RangeError` when something else is there: it would never run.
 */
export function findExamples(): readonly Example[] {
  return readdirSync(join(ROOT, "examples"))
    .filter((entry) => entry !== "README.md")
    .toSorted()
    .map((entry) => {
      const path = ["", "/main.ts", "/plan.yaml"]
        .map((end) => `examples/${entry}${end}`)
        .find((path) => /\.(ts|yaml)$/.test(path) && existsSync(join(ROOT, path)));
      if (path === undefined) {
        throw new RangeError(
          `Cannot run an example as it must be a .ts file, or a folder with main.ts or plan.yaml: examples/${entry}`,
        );
      }
      const kind = path.endsWith(".ts") ? "program" : "plan";
      return { name: entry.replace(/\.ts$/, ""), path, kind };
    });
}

/**
 * Runs an example in a process of its own, as a user would, and returns what it printed. A plan needs `dist`.
 *
 * @throws as a rejection, when its exit code is not 0; the message has what it wrote.
 */
export async function runExample(
  { path, kind }: Example,
  {
    signal,
    env,
  }: { readonly signal: AbortSignal; readonly env?: Readonly<Record<string, string>> },
): Promise<string> {
  const args = kind === "program" ? ["--import", "tsx", path] : ["dist/cli/main.js", "run", path];
  const options = {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, ...env },
    signal,
  };
  try {
    return (await promisify(execFile)(process.execPath, args, options)).stdout;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`Cannot run ${path} as it failed:\n${stdout}${stderr}`, { cause: error });
  }
}

/**
 * What an example should have printed, given what it did print: the text that it declares, each line with a `…` filled in where it
 * fits. The printed text itself where it declares none.
 */
export function expectedOutput({ path, kind }: Example, printed: string): string {
  const declared =
    kind === "program"
      ? codeBlocks(path, readFileSync(join(ROOT, path), "utf8")).find(
          ({ language }) => language === "",
        )?.text
      : undefined;
  const lines = printed.split("\n");
  return (declared ?? printed)
    .split("\n")
    .map((line, index) => (fits(lines[index] ?? "", line) ? lines[index] : line))
    .join("\n");
}

function fits(line: string, declared: string): boolean {
  const parts = declared.split("…").map((part) => part.replaceAll(/[$()*+.?[\\\]^{|}]/g, "\\$&"));
  return new RegExp(`^${parts.join(".+")}$`).test(line);
}
