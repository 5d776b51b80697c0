/** The code of the README, of docs/ and of the `@example`s compiles, and prints what the page says. */
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { codeBlocks, programs, type CodeBlock, type Program } from "../scripts/code-blocks.ts";
import { checkPlan } from "./support/check-plan.ts";
import { compilerOptions } from "./support/compiler-options.ts";
import { integrations } from "./support/integrations.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const BUNDLES = join(ROOT, "node_modules/.cache/docs");

/** Printed between the blocks in front and the block itself, whose output alone is compared. */
const DIVIDER = "-- the block begins here --\n";

const pages = ["README.md", ...filesUnder("docs", ".md"), ...filesUnder("src", ".ts")]
  .filter((path) => existsSync(join(ROOT, path)))
  .map((path) => ({ path, content: readFileSync(join(ROOT, path), "utf8") }));
const frameworks = integrations();
const code = pages
  .flatMap(({ path, content }) => programs(path, content))
  .filter((program) => !needsMissingFramework(program));
const runnable = code.filter(({ runs }) => runs);
const plans = pages
  .filter(({ path }) => path.endsWith(".md"))
  .flatMap(({ path, content }) => codeBlocks(path, content))
  .filter(({ language, text }) => language === "yaml" && /^tasks:/m.test(text));

describe("docs", () => {
  test("every ts block compiles", () => {
    expect(diagnose(code)).toEqual([]);
  });

  for (const program of runnable) {
    test.concurrent(`${place(program)} runs and prints what the page says`, async ({
      expect: check,
    }) => {
      const printed = await run(program);
      const needsOutput = program.path.endsWith(".md");
      if (needsOutput || program.output !== undefined) check(printed).toBe(program.output);
    });
  }

  for (const plan of plans) {
    test(`${place(plan)} is a valid plan`, async () => {
      await checkPlan(plan.text, place(plan));
    });
  }
});

/** One compiler program over all blocks, as if each were a file in a folder of the package. */
function diagnose(blocks: readonly Program[]): readonly string[] {
  const byFile = new Map(blocks.map((block) => [virtualPath(block), block]));
  const options = { ...compilerOptions(), noUnusedLocals: false, noUnusedParameters: false };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  const textOf = (file: string): string | undefined => {
    const block = byFile.get(file);
    return block && block.prelude + block.text;
  };
  host.fileExists = (file) => byFile.has(file) || fileExists(file);
  host.readFile = (file) => textOf(file) ?? readFile(file);
  host.getSourceFile = (file, language, ...rest) => {
    const text = textOf(file);
    return text === undefined
      ? getSourceFile(file, language, ...rest)
      : ts.createSourceFile(file, text, language);
  };
  host.resolveModuleNameLiterals = (literals, file, redirected, given, source) =>
    literals.map((literal) => {
      const mode = ts.getModeForUsageLocation(source, literal, given);
      const find = (from: string): ts.ResolvedModuleWithFailedLookupLocations =>
        ts.resolveModuleName(literal.text, from, given, host, undefined, redirected, mode);
      const besides = frameworks.map(({ path }) => join(path, "block.ts"));
      return [file, ...besides].map(find).find(isResolved) ?? find(file);
    });
  const program = ts.createProgram([...byFile.keys()], options, host);
  return [...byFile].flatMap(([file, block]) => {
    const source = program.getSourceFile(file);
    return [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ].map((diagnostic) => describeDiagnostic(block, diagnostic));
  });
}

function isResolved({ resolvedModule }: ts.ResolvedModuleWithFailedLookupLocations): boolean {
  return resolvedModule !== undefined;
}

/** Frameworks are installed in folders of their own; a block about one that is not cannot compile. */
function needsMissingFramework({ prelude, text }: Program): boolean {
  return frameworks
    .filter(({ isInstalled }) => !isInstalled)
    .flatMap(({ packages }) => packages)
    .some((name) => (prelude + text).includes(`from "${name}`));
}

function describeDiagnostic(block: Program, { file, start, messageText }: ts.Diagnostic): string {
  const message = ts.flattenDiagnosticMessageText(messageText, "\n");
  const inFile = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line;
  const line = block.line + inFile - (block.prelude.split("\n").length - 1);
  return `${block.path}:${line} ${message}`;
}

/** Bundles the block with the sources, and returns what it prints. */
async function run(program: Program): Promise<string> {
  const outfile = `${join(BUNDLES, fileName(program))}.mjs`;
  await build({
    stdin: {
      contents: `${program.prelude}process.stdout.write(${JSON.stringify(DIVIDER)});\n${program.text}`,
      loader: "ts",
      resolveDir: ROOT,
    },
    alias: {
      "fanfold/ai-sdk": join(ROOT, "src/adapters/ai-sdk/index.ts"),
      "fanfold/langchain": join(ROOT, "src/adapters/langchain/index.ts"),
      "fanfold/mcp": join(ROOT, "src/adapters/mcp/index.ts"),
      "fanfold/openai-agents": join(ROOT, "src/adapters/openai-agents/index.ts"),
      "fanfold/models": join(ROOT, "src/models/index.ts"),
      "fanfold/plan": join(ROOT, "src/plan/index.ts"),
      "fanfold/testing": join(ROOT, "src/testing/index.ts"),
      "fanfold/tools": join(ROOT, "src/tools/index.ts"),
      fanfold: join(ROOT, "src/index.ts"),
    },
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    outfile,
  });
  const { stdout } = await promisify(execFile)(process.execPath, [outfile], {
    cwd: ROOT,
    timeout: 30_000,
  });
  return stdout.slice(stdout.indexOf(DIVIDER) + DIVIDER.length);
}

function virtualPath(block: CodeBlock): string {
  return join(ROOT, ".blocks", `${fileName(block)}.ts`);
}

function fileName(block: CodeBlock): string {
  return place(block).replaceAll(/[/:]/g, "_");
}

function place(block: CodeBlock): string {
  return `${block.path}:${block.line}`;
}

function filesUnder(folder: string, extension: string): readonly string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}
