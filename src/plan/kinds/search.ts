/** `search`: the lines that match a pattern. */
import { resolve } from "node:path";
import { searchPattern } from "../../system/search/pattern.ts";
import { checkClaimed } from "../check-claimed.ts";
import { plainPaths } from "../claims.ts";
import type { Kind, SettingsProblem } from "../kind.ts";
import type { SearchSettings } from "../settings.ts";

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
  problems: problemsOf,
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

/** A pattern with references is known only once it runs. */
function problemsOf({ search: text, ignoreCase, literal }: SearchSettings): SettingsProblem[] {
  if (text.includes("${{")) {
    return [];
  }
  try {
    searchPattern(text, { ignoreCase: ignoreCase === true, literal: literal === true });
    return [];
  } catch (error) {
    const { message } = error as TypeError; // What it throws.
    return [{ message, path: ["search"] }];
  }
}
