/**
 * The tests of test/integrations compile against the frameworks as they are installed there, and so do the programs of users; its examples run
 * as a user would run them.
 */
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { compilerOptions } from "./support/compiler-options.ts";
import { integrations } from "./support/integrations.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TSX = join(ROOT, "node_modules/.bin/tsx");

describe("integrations", () => {
  for (const { name, path, isInstalled } of integrations()) {
    test.skipIf(!isInstalled)(`${name} compiles`, () => {
      const files = readdirSync(path)
        .filter((file) => file.endsWith(".ts"))
        .map((file) => join(path, file));
      const program = ts.createProgram(files, compilerOptions());
      const wrong = files.flatMap((file) => {
        const source = program.getSourceFile(file);
        return [
          ...program.getSyntacticDiagnostics(source),
          ...program.getSemanticDiagnostics(source),
        ];
      });
      expect(ts.formatDiagnostics(wrong, HOST)).toBe("");
    });

    const example = join(path, "example.ts");
    const said = existsSync(example) ? outputIn(readFileSync(example, "utf8")) : undefined;
    if (said === undefined) continue;
    test.skipIf(!isInstalled)(`the example of ${name} prints what it says`, async () => {
      const { stdout } = await promisify(execFile)(TSX, [example], { cwd: ROOT });
      expect(stdout).toBe(`${said.replaceAll(/^ \* ?/gm, "")}\n`);
    });
  }
});

/** What an example says it prints, at the end of its first comment. */
function outputIn(text: string): string | undefined {
  return /```\n([^`]*)\n \* ```\n \*\/$/m.exec(text)?.[1];
}

const HOST: ts.FormatDiagnosticsHost = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => ROOT,
  getNewLine: () => "\n",
};
