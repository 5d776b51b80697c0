/** `search`: the lines that match a pattern. */
import { resolve } from "node:path";
import { searchPattern } from "../../system/search/pattern.ts";
import { checkClaimed } from "../check-claimed.ts";
import { plainPaths } from "../claims.ts";
import type { Kind } from "../kind.ts";
import type { SearchSettings } from "../settings.ts";
import { textProblems } from "../text-problems.ts";

/** The matching lines, in the order of paths and lines. */
export interface SearchValue {
  readonly matches: readonly {
    readonly path: string;
    readonly line: number;
    readonly text: string;
  }[];
  /** Whether there were more. */
  readonly truncated: boolean;
}

export const search: Kind<SearchSettings> = {
  defaultLimit: 3,
  fields: {
    matches: ({ matches }: SearchValue) => matches,
    count: ({ matches }: SearchValue) => matches.length,
    paths: ({ matches }: SearchValue) => [...new Set(matches.map(({ path }) => path))],
    lines: ({ matches }: SearchValue) =>
      matches.map(({ path, line, text }) => `${path}:${line}:${text}`),
  },
  claims: ({ in: folders = "." }) => ({ reads: plainPaths(folders), writes: [] }),
  problems: ({ search, literal = false, ignoreCase = false }) =>
    textProblems(search, ["search"], (text) => searchPattern(text, { literal, ignoreCase })),
  async run(settings, { ctx, plan, task, values }) {
    const texts = await values.texts(settings.in ?? ".");
    const folders = texts.map((each) => resolve(plan.folder, each));
    checkClaimed(task, "reads", folders);
    const { searchFiles } = await import("../../system/search/search-files.ts");
    const { matches, truncated } = await searchFiles({
      pattern: await values.text(settings.search),
      folders,
      cwd: plan.folder,
      glob: settings.files === undefined ? undefined : await values.patterns(settings.files),
      ignoreCase: settings.ignoreCase,
      literal: settings.literal,
      signal: ctx.signal,
    });
    return { matches, truncated } satisfies SearchValue;
  },
};
