/** The tests of test/integrations compile against the frameworks as they are installed there: so do the programs of users. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { integrations } from "./support/integrations.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

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
  }
});

const HOST: ts.FormatDiagnosticsHost = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => ROOT,
  getNewLine: () => "\n",
};

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(ROOT, "tsconfig.json"), (path) =>
    ts.sys.readFile(path),
  );
  const { options } = ts.parseJsonConfigFileContent(
    { ...(config as object), include: [], files: [] },
    ts.sys,
    ROOT,
  );
  delete options.incremental;
  delete options.tsBuildInfoFile;
  return options;
}
