/** Tools whose calls start and end when the test says so. */
import type { HeldTask, Rig } from "fanfold/testing";
import { z } from "zod";
import { heldCalls } from "../../support/held-calls.ts";

/** The arguments of every tool of the tests. */
export interface PathInput {
  readonly path: string;
}

/** What tests pass on of what `execute` gets. */
interface Given {
  readonly abortSignal?: AbortSignal | undefined;
}

/** A tool whose calls are held tasks, named `read a` for the tool `read` and the path `a`. */
export interface HeldTool {
  readonly description: string;
  readonly inputSchema: z.ZodType<PathInput>;
  readonly execute: (input: PathInput, given?: Given) => Promise<string>;
}

/** Held tools, and the rig that their calls run in. */
export interface HeldTools extends Pick<Rig, "order" | "running" | "idle"> {
  readonly read: HeldTool;
  readonly write: HeldTool;
  readonly other: HeldTool;
  /** The call of a name, whether it has started or not. */
  call(name: string): HeldTask<string>;
  /** Ends calls as they start, until nothing runs: the names in the order in which they started. */
  completeAll(): Promise<readonly string[]>;
}

export function heldTools({ ignoresCancel = false } = {}): HeldTools {
  const { rig: held, task: call, run } = heldCalls({ ignoresCancel: () => ignoresCancel });
  const tool = (name: string): HeldTool => ({
    description: `${name} a file`,
    inputSchema: z.object({ path: z.string() }),
    execute: async ({ path }, { abortSignal } = {}) => await run(`${name} ${path}`, abortSignal),
  });
  return {
    read: tool("read"),
    write: tool("write"),
    other: tool("other"),
    order: held.order,
    get running() {
      return held.running;
    },
    idle: async () => await held.idle(),
    call,
    async completeAll() {
      for (;;) {
        await held.idle();
        const [first] = held.running;
        if (first === undefined) {
          const started = held.order.filter((line) => line.endsWith(" started"));
          return started.map((line) => line.replace(/ started$/, ""));
        }
        call(first).complete(`${first} done`);
      }
    },
  };
}

/** Reads and writes of files, declared as what they are. */
export const FILES = {
  read: { effect: "read", reads: ({ path }: PathInput) => `file:${path}` },
  write: { writes: ({ path }: PathInput) => `file:${path}` },
} as const;
