/** `write`: a file, replaced as a whole. */
import { resolve } from "node:path";
import { writeFileAtomically } from "../../system/write-file.ts";
import { checkClaimed } from "../check-claimed.ts";
import { plainPaths } from "../claims.ts";
import type { Kind } from "../kind.ts";
import type { WriteSettings } from "../settings.ts";
import { asJson } from "../json-value.ts";
import type { Values } from "../values.ts";
import { outputOf } from "./command.ts";

/** What was written. */
export interface WriteValue {
  readonly path: string;
  readonly bytes: number;
}

export const write: Kind<WriteSettings> = {
  defaultLimit: 5,
  fields: {
    path: ({ path }: WriteValue) => path,
    bytes: ({ bytes }: WriteValue) => bytes,
  },
  claims: ({ write }) => ({ reads: [], writes: plainPaths(write) }),
  async run({ write, content }, { ctx, plan, task, values }) {
    const path = resolve(plan.folder, await values.text(write));
    checkClaimed(task, "writes", [path]);
    const { signal } = ctx;
    const { bytes } = await writeFileAtomically(path, await contentOf(content, values), { signal });
    return { path, bytes } satisfies WriteValue;
  },
};

/** The output of a command as the bytes that it is, a text as it is, anything else as JSON. */
async function contentOf(
  content: WriteSettings["content"],
  values: Values,
): Promise<string | { readonly copyOf: string }> {
  const output = await outputOf(content, values);
  if (output !== undefined) {
    return "file" in output ? { copyOf: output.file } : output.text;
  }
  const value = await values.resolve(content);
  return typeof value === "string" ? value : `${asJson(value, 2)}\n`;
}
