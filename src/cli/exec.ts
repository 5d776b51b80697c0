/** `fanfold exec`: shell commands at the same time. */
import { describeReport } from "../core/report/describe-report.ts";
import type { Outcome } from "../core/outcome.ts";
import type { TaskContext } from "../core/task.ts";
import { settle } from "../patterns/settle.ts";
import { killAllGroups } from "../system/process-group.ts";
import { runCommand } from "../system/run-command.ts";

/** How many of the last lines of a failed command are shown again. */
const SHOWN_LINES = 10;

/** A command that ended with a failure. */
class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  readonly tail: readonly string[];

  constructor(message: string, tail: readonly string[]) {
    super(message);
    this.tail = tail;
  }
}

/**
 * Runs the commands, prints their lines as they come and the report at the end.
 *
 * Returns the exit code: 0 when all completed, 1 when one failed, 130 or 143 after a signal.
 */
export async function runExec(
  commands: readonly string[],
  options: { readonly limit: number; readonly failure: "continue" | "stop" },
): Promise<number> {
  const width = String(commands.length).length;
  const tasks = commands.map(
    (command, index) =>
      ({ signal }: TaskContext) =>
        runOne(command, String(index + 1).padStart(width), signal),
  );
  // Each command has its own grace below; the kernel's is longer, so that the group is gone before it gives up.
  const run = settle(tasks, { ...options, graceMs: 15_000, report: "full" });
  const interrupted = onSignals((name) => run.cancel(name));
  const outcomes = await run;
  const signal = interrupted();
  for (const [index, outcome] of outcomes.entries()) {
    printOutcome(commands[index] ?? "", outcome);
  }
  const firstFailure = outcomes.find(({ status }) => status === "failed");
  if (firstFailure?.status === "failed" && firstFailure.error instanceof CommandFailure) {
    const { tail } = firstFailure.error;
    print(`\nThe first failure, "${commands[Number(firstFailure.key)] ?? ""}", ended with:`);
    tail.slice(-SHOWN_LINES).forEach((line) => print(`  ${line}`));
  }
  print("");
  describeReport(run.report, (key) => commands[Number(key)] ?? key).forEach(print);
  if (signal !== undefined) {
    return signal === "SIGINT" ? 130 : 143;
  }
  return outcomes.every(({ status }) => status === "completed") ? 0 : 1;
}

async function runOne(command: string, label: string, signal: AbortSignal): Promise<void> {
  const result = await runCommand({
    command,
    signal,
    onLine: (line) => print(`${label} | ${line}`),
  });
  signal.throwIfAborted();
  if (result.exitCode !== 0) {
    const how = result.signal === undefined ? `exit code ${result.exitCode}` : result.signal;
    throw new CommandFailure(`Cannot complete "${command}" as it ended with ${how}`, result.tail);
  }
}

/** Cancels at the first signal; a second one ends the process at once. */
function onSignals(cancel: (name: NodeJS.Signals) => void): () => NodeJS.Signals | undefined {
  let first: NodeJS.Signals | undefined;
  const handler = (name: NodeJS.Signals): void => {
    if (first !== undefined) {
      killAllGroups();
      process.exit(name === "SIGINT" ? 130 : 143);
    }
    first = name;
    cancel(name);
  };
  process.on("SIGINT", handler);
  process.on("SIGTERM", handler);
  return () => {
    process.off("SIGINT", handler);
    process.off("SIGTERM", handler);
    return first;
  };
}

function printOutcome(command: string, outcome: Outcome<void>): void {
  switch (outcome.status) {
    case "completed":
      print(`completed  ${command}`);
      return;
    case "failed":
      print(`failed     ${command}`);
      return;
    case "cancelled":
    case "skipped":
      print(`${outcome.status}${" ".repeat(11 - outcome.status.length)}${command}`);
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
