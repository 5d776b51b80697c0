/** What tests of tools have in common. */
import type { TaskContext } from "../../src/index.ts";
import {
  virtualClock,
  type HeldTask,
  type Rig,
  type VirtualClock,
} from "../../src/testing/index.ts";
import {
  toolbox,
  type StandardSchema,
  type Tool,
  type Toolbox,
  type ToolboxOptions,
  type ToolCall,
  type ToolResult,
} from "../../src/tools/index.ts";
import { heldCalls } from "../support/held-calls.ts";

/** A call of a tool. */
export const call = (id: string, name: string, input?: unknown): ToolCall => ({ id, name, input });

/** The results in brief. */
export const statuses = (results: readonly ToolResult[]): readonly string[] =>
  results.map(({ id, status }) => `${id} ${status}`);

/** A schema that takes whatever `check` finds no fault with. */
export function schema<T>(
  check: (value: T) => string | undefined | Promise<string | undefined> = () => undefined,
): StandardSchema<T> {
  const said = (value: unknown, message: string | undefined) =>
    message === undefined ? { value: value as T } : { issues: [{ message }] };
  return {
    "~standard": {
      version: 1,
      vendor: "test",
      validate(value) {
        const message = check(value as T);
        return message instanceof Promise
          ? message.then((each) => said(value, each))
          : said(value, message);
      },
    },
  };
}

/** A toolbox on a virtual clock whose tools are held: each call is a held task of the name of its id. */
export interface HeldTools {
  readonly box: Toolbox;
  readonly rig: Rig;
  readonly clock: VirtualClock;
  /** The held task of a call. */
  task(id: string): HeldTask<unknown>;
}

/** Makes tools whose calls end when the test says so. */
export function heldTools(
  tools: readonly Omit<Tool<never>, "run">[],
  { stubborn = [], ...options }: ToolboxOptions & { readonly stubborn?: readonly string[] } = {},
): HeldTools {
  const clock = virtualClock({ autojump: false });
  const ignoresCancel = (id: string): boolean => stubborn.includes(id);
  const { rig, task, run } = heldCalls<unknown>({ clock, ignoresCancel });
  const runnable = tools.map((tool) => ({
    ...tool,
    run: async (_: unknown, { key, signal }: TaskContext) => await run(key, signal),
  }));
  return { box: toolbox(runnable, { clock, ...options }), rig, clock, task };
}

/** A function that ends when told to, and not before. */
export function latch(): { readonly wait: Promise<void>; open(): void } {
  let open: (() => void) | undefined;
  const wait = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { wait, open: () => open?.() };
}
