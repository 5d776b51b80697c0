/** `read_files`: lines of many files in one call. */
import { z } from "zod";
import { describeError } from "../../core/errors.ts";
import type { TaskContext } from "../../core/task.ts";
import { map } from "../../patterns/map.ts";
import { readLines, type BinaryContent, type TextLines } from "../../system/read-lines.ts";
import { openInside } from "../../system/root-folder.ts";
import { defineTool, type Tool } from "../tool.ts";
import { claimsOfPaths } from "./claims.ts";
import { fairShares } from "./fair-shares.ts";
import type { CodingSettings } from "./settings.ts";
import { counted } from "../../core/counted.ts";
import { linesThatFit, shortLine } from "./text.ts";

/** How much of one file is kept, in UTF-16 units. */
const LONGEST_TEXT = 256 * 1024;

/** How many files one call may name. */
const MOST_FILES = 10_000;

/** How much of a line is shown, in characters. */
const SHOWN_LINE = 2000;

/** Where no file can be read: of how many it is told why. */
const SHOWN_PROBLEMS = 100;

const line = z.int().min(1);

const input = z.object({
  files: z
    .array(
      z.object({
        path: z.string().describe("Relative to the root"),
        from: line.optional().describe("First line, counted from 1"),
        to: line.optional().describe("Last line, included"),
      }),
    )
    .min(1)
    .max(MOST_FILES)
    .describe("All the files that you want to see: they are read at the same time"),
});

/** What was asked for of one file. */
type FileRequest = z.infer<typeof input>["files"][number];

/** One file: its lines, or that it is binary, or why it could not be read. */
export type ReadFileOutput = { readonly path: string } & (
  | (TextLines & { readonly bytes: number })
  | (BinaryContent & { readonly bytes: number })
  | { readonly kind: "error"; readonly error: string }
);

/** One entry for each file that was asked for, in that order. */
export interface ReadFilesOutput {
  readonly files: readonly ReadFileOutput[];
}

/** Makes the tool. */
export function readFilesTool(settings: CodingSettings): Tool {
  const { root, limits, longestTexts, maxResultBytes } = settings;
  return defineTool({
    name: "read_files",
    description:
      "Reads text files, each whole or some of its lines. Name all files that you need in one call. A file that cannot be read does not affect the others. Lines are shown with their number and a tab in front, which are not part of the file.",
    input,
    effect: "read",
    reads: ({ files }) =>
      claimsOfPaths(
        root,
        files.map(({ path }) => path),
      ),
    run: async ({ files }, ctx): Promise<ReadFilesOutput> => {
      const limit = Math.min(LONGEST_TEXT, Math.floor(longestTexts / files.length));
      const read = map(
        files,
        async (file, { signal }) => await readOne(settings, file, { limit, signal }),
        { within: ctx, limit: limits.reads },
      );
      const outputs = await read.toArray();
      const problems = outputs.flatMap((each) => (each.kind === "error" ? [each.error] : []));
      if (problems.length === outputs.length) {
        throw new Error(problems.slice(0, SHOWN_PROBLEMS).join("\n"));
      }
      return { files: outputs };
    },
    format: (output) => formatFiles(output, maxResultBytes),
  });
}

async function readOne(
  { root }: CodingSettings,
  { path, from, to }: FileRequest,
  { limit, signal }: { readonly limit: number } & Pick<TaskContext, "signal">,
): Promise<ReadFileOutput> {
  try {
    if (from !== undefined && to !== undefined && to < from) {
      throw new RangeError(`Cannot read lines as "to" is less than "from": ${to} < ${from}`);
    }
    const { handle, stats } = await openInside(root, path);
    try {
      const content = await readLines(handle, { from, to, limit, signal });
      return { path, bytes: Number(stats.size), ...content };
    } finally {
      await handle.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    return { path, kind: "error", error: describeError(error) };
  }
}

/** Each file gets its share of the room. */
export function formatFiles({ files }: ReadFilesOutput, bytes: number): string {
  const blocks = blocksThatFit(files, bytes);
  const sizes = blocks.map(({ size }) => size);
  const shares = fairShares(sizes, bytes - FRAME_BYTES);
  const texts = blocks.map((block, index) => showBlock(block, shares[index] ?? 0));
  const left = files.length - blocks.length;
  const rest =
    left > 0 ? [`… and ${counted(left, "more file")}, not shown: ask for fewer at once`] : [];
  return [...texts, ...rest].join("\n");
}

/** As many as can be shown, each with at least its frame and a few lines; one at the least. */
function blocksThatFit(files: ReadFilesOutput["files"], bytes: number): readonly Block[] {
  const blocks: Block[] = [];
  let left = bytes - FRAME_BYTES;
  for (const file of files) {
    const block = blockOf(file, bytes);
    left -= Math.min(block.size, LEAST_BLOCK_BYTES);
    if (left < 0 && blocks.length > 0) {
      return blocks;
    }
    blocks.push(block);
  }
  return blocks;
}

/** A file as it is shown. */
interface Block {
  readonly file: ReadFileOutput;
  /** All that may fit. */
  readonly lines: readonly string[];
  /** What it needs, in bytes; more than there are where it does not fit. */
  readonly size: number;
}

/** What the first line of a block, and the one that says what is missing, need at most besides the path. */
const FRAME_BYTES = 160;

/** What is too little to show of a file, in bytes. */
const LEAST_BLOCK_BYTES = 400;

/** Of a long file no more is made ready than can be shown. */
function blockOf(file: ReadFileOutput, bytes: number): Block {
  const lines: string[] = [];
  let size = Buffer.byteLength(file.path) + FRAME_BYTES;
  if (file.kind === "text") {
    for (const text of linesOf(file.text)) {
      const shown = `${file.from + lines.length}\t${shortLine(text, SHOWN_LINE)}`;
      lines.push(shown);
      size += Buffer.byteLength(shown) + 1;
      if (size > bytes) {
        break;
      }
    }
  }
  return { file, lines, size };
}

/** The lines of a text, without their ends. */
function* linesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length;) {
    const found = text.indexOf("\n", start);
    const end = found === -1 ? text.length : found;
    const line = text.slice(start, end);
    yield found === -1 ? line : line.replace(/\r$/, "");
    start = end + 1;
  }
}

function showBlock({ file, lines }: Block, share: number): string {
  const { path } = file;
  switch (file.kind) {
    case "error":
      return `== ${path}\n${file.error}`;
    case "binary":
      return `== ${path} (binary, ${counted(file.bytes, "byte")}: not shown)`;
    case "text": {
      const room = share - Buffer.byteLength(path) - FRAME_BYTES;
      const shown = linesThatFit(lines, room);
      return [`== ${path}${rangeOf(file, shown.length)}`, ...shown, ...restOf(file, shown)].join(
        "\n",
      );
    }
  }
}

/** Which part is shown, where that is not the whole file. */
function rangeOf(
  { from, lines, totalLines, bytes }: TextLines & { readonly bytes: number },
  shown: number,
): string {
  if (bytes === 0) {
    return " (empty)";
  }
  if (from > 1 && lines === 0) {
    return totalLines === undefined
      ? ""
      : ` (no line ${from}: it has ${counted(totalLines, "line")})`;
  }
  if (from === 1 && shown === totalLines) {
    return "";
  }
  const of =
    totalLines === undefined
      ? ` of a file of ${counted(bytes, "byte")}`
      : ` of ${totalLines.toLocaleString("en-US")}`;
  return shown === 0 ? ` (nothing shown${of})` : ` (lines ${from}-${from + shown - 1}${of})`;
}

/** What is missing of what was asked for, and how to get it. */
function restOf(file: TextLines, shown: readonly string[]): readonly string[] {
  const next = file.from + shown.length;
  if (shown.length < file.lines || file.cut === "after a line") {
    return [`… cut here as the result is full: go on with from: ${next}, or ask for fewer files`];
  }
  return file.cut === "within a line" ? [`… line ${next - 1} is too long to be shown whole`] : [];
}
