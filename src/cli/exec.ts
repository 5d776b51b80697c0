/** `fanfold exec`: shell commands at the same time, without a plan file. */
import { commandPlan } from "../plan/command-plan.ts";
import { execute } from "./execute.ts";
import type { RunFlags } from "./options.ts";
import { packageVersion } from "./package-version.ts";

/** Options of `fanfold exec`. */
export interface ExecOptions extends RunFlags {
  readonly limit: number;
  readonly failure: "continue" | "stop";
}

/**
 * Runs the commands, and returns the exit code.
 *
 * @throws `RangeError` when a command is empty: a variable of the shell had no value, most likely.
 */
export async function exec(commands: readonly string[], options: ExecOptions): Promise<number> {
  const { limit, failure, out, json = false } = options;
  const empty = commands.findIndex((command) => command.trim() === "");
  if (empty >= 0) {
    throw new RangeError(`Cannot run command number ${empty + 1} as it is empty`);
  }
  const cwd = process.cwd();
  return await execute({
    plan: commandPlan(commands, { folder: cwd, failure }),
    origin: { command: "exec", source: cwd, cwd, fanfold: packageVersion() },
    limit: undefined,
    limits: { command: limit },
    using: undefined,
    budget: undefined,
    failure,
    allowFailures: false,
    output: options.output,
    inOrder: true,
    json,
    color: options.color,
    out,
    keep: options.keep,
    optionFor: () => `--limit ${2 * limit}`,
  });
}
