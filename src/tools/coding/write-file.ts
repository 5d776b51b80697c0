/** `write_file`: a file, as a whole. */
import { z } from "zod";
import { writeInside } from "../../system/file-inside.ts";
import { defineTool, type Tool } from "../tool.ts";
import { claimsOfPaths } from "./claims.ts";
import type { CodingSettings } from "./settings.ts";
import { counted } from "../../core/counted.ts";

const input = z.object({
  path: z.string().describe("Relative to the root. Missing folders are made"),
  content: z.string().describe("All of the file, written as it is"),
  overwrite: z
    .boolean()
    .optional()
    .describe("false: fail if the file exists. Default: true, which replaces it"),
});

/** What was written. */
export interface WriteFileOutput {
  readonly path: string;
  readonly bytes: number;
  /** Whether there was no file before. */
  readonly isNew: boolean;
}

/** Makes the tool. */
export function writeFileTool({ root, limits }: CodingSettings): Tool {
  return defineTool({
    name: "write_file",
    description:
      "Writes a whole file: a new one, or in place of an old one. To change a part of a file, use edit_file.",
    input,
    effect: "write",
    limit: limits.writes,
    writes: ({ path }) => claimsOfPaths(root, [path]),
    run: async ({ path, content, overwrite }, { signal }): Promise<WriteFileOutput> => {
      const written = await writeInside(root, path, { content, overwrite, signal });
      return { path, ...written };
    },
    format: ({ path, bytes, isNew }) =>
      `${isNew ? "Created" : "Replaced"} ${path} (${counted(bytes, "byte")}).`,
  });
}
