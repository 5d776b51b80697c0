/** `read`: the texts of files. */
import { checkClaimed } from "../check-claimed.ts";
import { patterns } from "../claims.ts";
import type { Kind } from "../kind.ts";
import type { ReadSettings } from "../settings.ts";
import { jsonOf, linesOf } from "../text-fields.ts";

/** The files in the order of their paths. */
export interface ReadValue {
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

export const read: Kind<ReadSettings> = {
  defaultLimit: 5,
  fields: {
    files: ({ files }: ReadValue) => files,
    paths: ({ files }: ReadValue) => files.map(({ path }) => path),
    text: (value: ReadValue) => allText(value),
    lines: (value: ReadValue) => linesOf(allText(value)),
    json: (value: ReadValue) => jsonOf(allText(value)),
    count: ({ files }: ReadValue) => files.length,
  },
  answer: ({ files }: ReadValue) => (files.length === 1 ? files[0]?.text : files),
  claims: ({ read }) => ({ reads: patterns(read), writes: [] }),
  async run({ read }, { ctx, plan, task, values }) {
    const { signal } = ctx;
    const [{ findFiles }, { readFiles }] = await Promise.all([
      import("../../system/find-files.ts"),
      import("../../system/read-files.ts"),
    ]);
    const paths = await findFiles(await values.patterns(read), { cwd: plan.folder, signal });
    checkClaimed(task, "reads", paths);
    return { files: await readFiles(paths, { signal }) } satisfies ReadValue;
  },
};

function allText({ files }: ReadValue): string {
  return files.map(({ text }) => text).join("");
}
