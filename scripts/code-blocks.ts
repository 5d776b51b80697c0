/**
 * Finds the fenced code blocks of a page, and of the `@example`s in a source file.
 *
 * An HTML comment on the line before a block says what to do with it: `<!-- run -->` runs it and compares what it prints
 * with the next block, `<!-- continues -->` puts the `ts` block before it in front; both may stand in one comment.
 */

export interface CodeBlock {
  /** The page, and the line of the block's first line of code, counted from 1. */
  readonly path: string;
  readonly line: number;
  readonly language: string;
  readonly text: string;
  readonly marks: readonly string[];
}

/** A block with the text that compiles: what it continues, and itself. */
export interface Program extends CodeBlock {
  /** What is in front of the block's own text. */
  readonly prelude: string;
  readonly runs: boolean;
  /** What it must print, from the next block of the page. Examples in sources may leave it out. */
  readonly output: string | undefined;
}

/** The blocks of one file, in order. */
export function codeBlocks(path: string, content: string): readonly CodeBlock[] {
  const isSource = path.endsWith(".ts");
  const blocks: CodeBlock[] = [];
  let open:
    | { line: number; language: string; marks: readonly string[]; lines: string[] }
    | undefined;
  let marks: readonly string[] = [];
  for (const [index, raw] of content.split("\n").entries()) {
    const line = isSource ? raw.replace(/^\s*\* ?/, "") : raw;
    const fence = /^\s*```(\w*)/.exec(line);
    if (open === undefined && fence !== null) {
      open = { line: index + 2, language: fence[1] ?? "", marks, lines: [] };
    } else if (open !== undefined && fence !== null) {
      const { lines, ...start } = open;
      blocks.push({ path, ...start, text: `${lines.join("\n")}\n` });
      open = undefined;
    } else if (open !== undefined) {
      open.lines.push(line);
      continue;
    }
    if (line.trim() !== "") marks = marksIn(line);
  }
  return blocks;
}

/** The `ts` blocks of one file, ready to compile. */
export function programs(path: string, content: string): readonly Program[] {
  const blocks = codeBlocks(path, content);
  const found: Program[] = [];
  for (const [index, block] of blocks.entries()) {
    if (block.language !== "ts") continue;
    const before = block.marks.includes("continues") ? found.at(-1) : undefined;
    const next = blocks[index + 1];
    const isOutput = next !== undefined && (next.language === "" || next.language === "text");
    const isExample = path.endsWith(".ts");
    found.push({
      ...block,
      prelude: before === undefined ? "" : before.prelude + before.text,
      runs: isExample || block.marks.includes("run"),
      output: isOutput && (!isExample || isBeside(block, next)) ? next.text : undefined,
    });
  }
  return found;
}

/** Whether the blocks stand in one comment: an output is at most a line of prose away. */
function isBeside(block: CodeBlock, next: CodeBlock): boolean {
  return next.line - (block.line + block.text.split("\n").length) <= 4;
}

function marksIn(line: string): readonly string[] {
  return /^\s*<!--([a-z ]*)-->\s*$/.exec(line)?.[1]?.trim().split(/\s+/) ?? [];
}
