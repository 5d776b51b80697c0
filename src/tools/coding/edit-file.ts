/** `edit_file`: texts of a file replaced, all of them or none. */
import { z } from "zod";
import { changeInside } from "../../system/file-inside.ts";
import { encodingOf } from "../../system/text-encoding.ts";
import { defineTool, type Tool } from "../tool.ts";
import { applyEdits } from "./apply-edits.ts";
import { claimsOfPaths } from "./claims.ts";
import type { CodingSettings } from "./settings.ts";
import { counted } from "../../core/counted.ts";

/** The longest file that is edited, in bytes. */
const LONGEST_FILE_BYTES = 32 * 1024 * 1024;

const MOST_EDITS = 1000;

const input = z.object({
  path: z.string().describe("Relative to the root"),
  edits: z
    .array(
      z.object({
        oldText: z
          .string()
          .describe(
            "Exactly as it is in the file, without line numbers; with enough around it that it is there once",
          ),
        newText: z.string().describe("What stands there afterwards; may be empty"),
        replaceAll: z.boolean().optional().describe("Replace every occurrence. Default: false"),
      }),
    )
    .min(1)
    .max(MOST_EDITS)
    .describe("Applied one after the other; if one fails, the file stays as it was"),
});

/** What was changed. */
export interface EditFileOutput {
  readonly path: string;
  /** How many times each edit was applied. */
  readonly replacements: readonly number[];
}

/** Makes the tool. */
export function editFileTool({ root, limits }: CodingSettings): Tool {
  return defineTool({
    name: "edit_file",
    description:
      "Replaces text in a file. Give all edits of a file in one call. Line ends, and everything else in the file, stay as they are. Read the file first.",
    input,
    effect: "write",
    limit: limits.writes,
    writes: ({ path }) => claimsOfPaths(root, [path]),
    run: async ({ path, edits }, { signal }): Promise<EditFileOutput> => {
      let replacements: readonly number[] = [];
      await changeInside(root, path, {
        limitBytes: LONGEST_FILE_BYTES,
        signal,
        change: (content) => {
          mustNotBeUtf16(path, content);
          const edited = applyEdits(content, edits);
          ({ replacements } = edited);
          return edited.content;
        },
      });
      return { path, replacements };
    },
    format: ({ path, replacements }) => {
      const count = replacements.reduce((sum, each) => sum + each, 0);
      return `Edited ${path}: ${counted(count, "replacement")}.`;
    },
  });
}

/** @throws Error - for a file of which no text would ever be found, although it can be read */
function mustNotBeUtf16(path: string, content: Buffer): void {
  if (encodingOf(content) !== "utf-8") {
    throw new Error(
      `Cannot edit a file as it is in UTF-16, and only UTF-8 is edited: ${path}; write the whole file, which makes it UTF-8, or convert it by a command such as iconv`,
    );
  }
}
