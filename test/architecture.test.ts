/** The layers of src, and the one direction in which they may know each other. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const SOURCE = fileURLToPath(new URL("../src", import.meta.url));

/** What each folder of src may import, besides itself. The root entry counts as a folder of its own. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  "index.ts": ["core", "patterns"],
  core: [],
  patterns: ["core"],
  testing: ["core", "patterns", "models"],
  system: ["core"],
  recording: ["core", "system"],
  tools: ["core", "patterns", "system"],
  models: ["core", "patterns", "tools"],
  adapters: ["core", "patterns", "tools"],
  plan: ["core", "patterns", "system", "recording", "tools", "models"],
  mcp: ["core", "patterns", "system", "recording", "tools", "plan", "adapters"],
  cli: ["core", "patterns", "system", "recording", "plan", "tools", "models", "mcp"],
};

/** These run everywhere: no `node:*`, no package. */
const PORTABLE = ["index.ts", "core", "patterns", "testing"];

/** The one file that may touch the platform's clock and timers. */
const CLOCK = "core/clock.ts";

const AMBIENT = new Set([
  "Date",
  "performance",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "console",
  "process",
  "fetch",
]);

interface SourceFile {
  /** Below src, with forward slashes. */
  readonly path: string;
  readonly layer: string;
  readonly tree: ts.SourceFile;
  readonly imports: readonly string[];
}

const files = readSources();

describe("architecture", () => {
  test("every folder of src is a known layer", () => {
    const known = Object.keys(LAYERS);
    expect(files.filter(({ layer }) => !known.includes(layer)).map(({ path }) => path)).toEqual([]);
  });

  test.each(Object.entries(LAYERS))("%s imports of the other layers only %j", (layer, allowed) => {
    const wrong = importsOf(layer).filter(
      ({ target }) => target !== undefined && target !== layer && !allowed.includes(target),
    );
    expect(wrong.map(({ line }) => line)).toEqual([]);
  });

  test.each(PORTABLE)("%s imports no node:* and no package", (layer) => {
    const wrong = importsOf(layer).filter(({ target }) => target === undefined);
    expect(wrong.map(({ line }) => line)).toEqual([]);
  });

  test("relative imports name a file of src with its extension", () => {
    const known = new Set(files.map(({ path }) => path));
    const relatives = files.flatMap((file) =>
      file.imports.filter(isRelative).map((to) => ({ file, to })),
    );
    const wrong = relatives.filter(({ file, to }) => !known.has(resolve(file.path, to)));
    expect(wrong.map(({ file, to }) => `${file.path}: ${to}`)).toEqual([]);
  });

  test.each(["core", "patterns"])(
    "%s uses no clock, timer, console or process of its own",
    (layer) => {
      const wrong = files
        .filter((file) => file.layer === layer && file.path !== CLOCK)
        .flatMap((file) => ambientUses(file.tree).map((name) => `${file.path}: ${name}`));
      expect(wrong).toEqual([]);
    },
  );

  test("no file exports everything of another", () => {
    expect(pathsWhere(isExportStar)).toEqual([]);
  });

  test("no file has a default export", () => {
    expect(pathsWhere(isDefaultExport)).toEqual([]);
  });
});

function readSources(): readonly SourceFile[] {
  return readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.[cm]?tsx?$/.test(name))
    .map((name) => {
      const path = name.split(sep).join("/");
      const text = readFileSync(join(SOURCE, name), "utf8");
      const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
      const imports = ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName);
      return { path, layer: layerOf(path), tree, imports };
    });
}

function importsOf(layer: string): readonly { target: string | undefined; line: string }[] {
  return files
    .filter((file) => file.layer === layer)
    .flatMap((file) =>
      file.imports.map((specifier) => ({
        target: isRelative(specifier) ? layerOf(resolve(file.path, specifier)) : undefined,
        line: `${file.path} imports ${specifier}`,
      })),
    );
}

function layerOf(path: string): string {
  return path.split("/")[0] ?? path;
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith(".");
}

function resolve(from: string, specifier: string): string {
  return relative(".", join(dirname(from), specifier))
    .split(sep)
    .join("/");
}

function ambientUses(tree: ts.SourceFile): readonly string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && AMBIENT.has(node.text) && isReference(node)) found.push(node.text);
    node.forEachChild(visit);
  };
  visit(tree);
  return found;
}

/** A value in use; not a property's name, and not in a type. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) {
    const isGlobal = ts.isIdentifier(parent.expression) && parent.expression.text === "globalThis";
    return parent.expression === node || isGlobal;
  }
  const isName = "name" in parent && parent.name === node;
  return (ts.isShorthandPropertyAssignment(parent) || !isName) && !ts.isTypeNode(parent);
}

function pathsWhere(rule: (statement: ts.Statement) => boolean): readonly string[] {
  return files.filter(({ tree }) => tree.statements.some(rule)).map(({ path }) => path);
}

function isExportStar(statement: ts.Statement): boolean {
  return (
    ts.isExportDeclaration(statement) &&
    !(statement.exportClause && ts.isNamedExports(statement.exportClause))
  );
}

function isDefaultExport(statement: ts.Statement): boolean {
  if (ts.isExportAssignment(statement)) return true;
  if (ts.isExportDeclaration(statement)) {
    const clause = statement.exportClause;
    return (
      clause !== undefined &&
      ts.isNamedExports(clause) &&
      clause.elements.some(({ name }) => name.text === "default")
    );
  }
  return (
    ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)
  );
}
