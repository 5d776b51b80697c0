/** Calls the built-in tools on the files of a test. */
import { expect } from "vitest";
import { scope } from "../../../src/core/scope.ts";
import { codingTools } from "../../../src/tools/coding/coding-tools.ts";
import type { CodingToolsOptions } from "../../../src/tools/coding/settings.ts";
import type { Tool } from "../../../src/tools/tool.ts";

/** What a call has given. */
export interface Called<Output> {
  readonly output: Output;
  /** What a model reads. */
  readonly text: string;
}

/** The tool of that name. */
export function toolNamed(name: string, options: CodingToolsOptions): Tool {
  const tool = codingTools(options).find((each) => each.name === name);
  if (tool === undefined) {
    throw new TypeError(`There is no tool "${name}"`);
  }
  return tool;
}

/** Calls a tool as a task, with arguments that its schema has checked; `signal` cancels it. */
export async function call<Output>(
  name: string,
  input: unknown,
  options: CodingToolsOptions & { readonly signal?: AbortSignal },
): Promise<Called<Output>> {
  const { signal, ...rest } = options;
  const tool = toolNamed(name, rest);
  const checked = await tool.input?.["~standard"].validate(input);
  expect(checked?.issues).toBeUndefined();
  const value = (checked as { readonly value: unknown }).value;
  const output = (await scope((s) => s.start(name, (ctx) => tool.run(value, ctx)), {
    signal,
  }).catch((error: unknown) => {
    // What a task threw, not that a task has.
    throw error instanceof Error && error.name === "TasksFailedError" ? error.cause : error;
  })) as Output;
  return { output, text: tool.format?.(output, value) ?? "" };
}

/** Whether this user may read everything: then no file can be forbidden. */
export const mayEverything = process.getuid?.() === 0;

export const isWindows = process.platform === "win32";
