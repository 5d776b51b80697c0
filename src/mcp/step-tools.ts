/** The kinds of steps as tools of one toolbox: the coding tools in other words, in whichever root a step is. */
import type { TaskContext } from "../core/task.ts";
import { editFileTool } from "../tools/coding/edit-file.ts";
import { fetchUrlTool } from "../tools/coding/fetch-url.ts";
import { listFilesTool, type ListFilesOutput } from "../tools/coding/list-files.ts";
import { readFilesTool, type ReadFilesOutput } from "../tools/coding/read-files.ts";
import { searchTool, type SearchOutput } from "../tools/coding/search.ts";
import type { CodingSettings } from "../tools/coding/settings.ts";
import { writeFileTool } from "../tools/coding/write-file.ts";
import type { RootFolder } from "../system/root-folder.ts";
import type { Tool } from "../tools/tool.ts";
import { commonRoot, usablePath, type Roots } from "./roots.ts";
import { runStepTool, type Commands } from "./run-step.ts";
import { fieldsOf, type Fields } from "./fields-of.ts";
import type { StepKind } from "./step.ts";
import { textShareOf } from "./text-shares.ts";

/** What the tools work with. */
export interface StepToolsOptions {
  /** The last of them is where long outputs are kept, so that they can be read. */
  readonly roots: Roots;
  readonly coding: Omit<CodingSettings, "root">;
  readonly commands: Commands;
}

/** Where a step does its work, with which tool, and with which arguments. */
interface Target {
  readonly root: RootFolder;
  readonly tool: Tool;
  readonly input: unknown;
}

/** Makes a tool of each kind of step. */
export function stepTools({ roots, coding, commands }: StepToolsOptions): readonly Tool[] {
  const { limits } = coding;
  /** A tool of the coding tools in the root of the paths. */
  const inRootOf =
    (make: (settings: CodingSettings) => Tool) =>
    (paths: readonly string[], input: unknown, own: Partial<CodingSettings> = {}): Target => {
      const root = commonRoot(roots, paths);
      return { root, tool: make({ ...coding, ...own, root }), input };
    };
  const read = inRootOf(readFilesTool);
  const search = inRootOf(searchTool);
  const list = inRootOf(listFilesTool);
  const edit = inRootOf(editFileTool);
  const write = inRootOf(writeFileTool);
  const readStep = (fields: Fields): Target => {
    const from = fields["from"] === 0 ? 1 : fields["from"];
    const paths = textsIn(fields["read"]);
    const files = paths.map((path) => ({ path, from, to: fields["to"] }));
    return read(paths, { files }, { longestTexts: textShareOf(fields) });
  };
  const searchStep = ({ search: pattern, in: where, glob, ...rest }: Fields): Target => {
    const folders = where === undefined ? ["."] : textsIn(where);
    const globs = glob === undefined ? undefined : textsIn(glob);
    return search(folders, { ...rest, pattern, folders, globs }, { foldersField: "in" });
  };
  const listStep = ({ list: where, glob, depth }: Fields): Target => {
    const folders = textsIn(where);
    const globs = glob === undefined ? undefined : textsIn(glob);
    return list(folders, { folders, globs, depth }, { foldersField: "list" });
  };
  const editStep = ({ edit: path, old, new: newText, all: replaceAll }: Fields): Target =>
    edit([String(path)], { path, edits: [{ oldText: old, newText, replaceAll }] });
  const writeStep = ({ write: path, content, overwrite }: Fields): Target =>
    write([String(path)], { path, content, overwrite });
  const fetch = fetchUrlTool({ ...coding, root: roots[0] });
  return [
    reading("read", readStep, undefined, (output, root) => {
      const files = (output as ReadFilesOutput).files.map((file) => moved(roots, root, file));
      return { ...output, files, ...textOf(files) };
    }),
    reading("search", searchStep, limits.searches, (output, root) => {
      const matches = (output as SearchOutput).matches.map((match) => moved(roots, root, match));
      return { ...output, matches, files: [...new Set(matches.map(({ path }) => path))] };
    }),
    reading("list", listStep, limits.searches, (output, root) => {
      const entries = (output as ListFilesOutput).entries.map((entry) => moved(roots, root, entry));
      const files = entries.filter((entry) => entry.files === undefined).map(({ path }) => path);
      return { ...output, entries, files };
    }),
    {
      name: "fetch",
      effect: "read",
      parallel: true,
      input: fieldsOf("fetch"),
      limit: limits.requests,
      format: () => "",
      run: (fields, ctx) => fetch.run({ url: (fields as Fields)["fetch"] }, ctx),
    },
    runStepTool(roots, commands),
    writing("edit", editStep, coding),
    writing("write", writeStep, coding),
  ];
}

function reading(
  kind: StepKind,
  target: (fields: Fields) => Target,
  limit: Tool["limit"],
  usable: (output: object, root: RootFolder) => object,
): Tool {
  return {
    name: kind,
    effect: "read",
    input: fieldsOf(kind),
    limit,
    format: () => "", // What is shown depends on the other steps of the batch.
    reads: (fields) => {
      const { tool, input } = target(fields as Fields);
      return tool.reads?.(input) ?? [];
    },
    run: async (fields, ctx: TaskContext) => {
      const { root, tool, input } = target(fields as Fields);
      return usable((await tool.run(input, ctx)) as object, root);
    },
  };
}

function writing(
  kind: StepKind,
  target: (fields: Fields) => Target,
  { limits }: Pick<CodingSettings, "limits">,
): Tool {
  return {
    name: kind,
    effect: "write",
    input: fieldsOf(kind),
    limit: limits.writes,
    format: () => "",
    writes: (fields) => {
      const { tool, input } = target(fields as Fields);
      return tool.writes?.(input) ?? [];
    },
    run: (fields, ctx) => {
      const { tool, input } = target(fields as Fields);
      return tool.run(input, ctx);
    },
  };
}

/** The text of files together: what refers to it gets all that was asked for, or is told that there is none. */
function textOf(files: ReadFilesOutput["files"]): { text: string } | { tooLongForText: true } {
  const texts = files.flatMap((file) => (file.kind === "text" ? [file] : []));
  return texts.every(({ cut }) => cut === "no")
    ? { text: texts.map(({ text }) => text).join("") }
    : { tooLongForText: true };
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? (value as string[]) : [value as string]; // The field was checked.
}

/** Something of a root under the path that a model can use. */
function moved<T extends { readonly path: string }>(roots: Roots, root: RootFolder, entry: T): T {
  return { ...entry, path: usablePath(roots, root, entry.path) };
}
