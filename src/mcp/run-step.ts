/** Commands as steps: run in a root, held to the policy, failed where their exit code is not 0. */
import { stripVTControlCharacters } from "node:util";
import type { TaskContext } from "../core/task.ts";
import { formatDuration } from "../core/format-duration.ts";
import type { Output } from "../system/output-file.ts";
import { runCommand } from "../system/run-command.ts";
import { timeLimit } from "../system/time-limit.ts";
import { declaredClaims } from "../tools/coding/claims.ts";
import type { Pieces } from "../tools/coding/head-and-tail.ts";
import { folderOf, piecesOf } from "../tools/coding/run-commands.ts";
import type { CodingSettings } from "../tools/coding/settings.ts";
import type { Tool } from "../tools/tool.ts";
import { fieldsOf, type Fields } from "./fields-of.ts";
import { refusedBy, type CommandPolicy } from "./command-policy.ts";
import { rootOf, type Roots } from "./roots.ts";
import { leaveOutput } from "./stopped-outputs.ts";

/** How much of each stream is kept of its beginning, and how much of its end, in bytes. */
const KEPT_BYTES = 128 * 1024;

/** What commands are run with. */
export interface Commands {
  readonly policy: CommandPolicy;
  readonly coding: Pick<CodingSettings, "limits" | "commandTimeoutMs" | "commandGraceMs">;
  /** A mark that no other command of this server has. */
  newMark(): string;
}

/** How a command ended: what references to its step stand for. */
export interface RunOutput {
  /** What it exited with; null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** All of it; undefined where it was longer than what is kept. */
  readonly stdout?: string;
  readonly stderr?: string;
  /** In place of it then: the first and the last 128 KiB, and how much was left out between them. */
  readonly stdoutEnds?: Pieces;
  readonly stderrEnds?: Pieces;
}

/** A command that did not end well. */
export class CommandFailed extends Error {
  override readonly name = "CommandFailed";
  readonly output: RunOutput;
  /** Whether it was stopped as it took too long. */
  readonly timedOut: boolean;

  constructor(message: string, output: RunOutput, timedOut: boolean) {
    super(message);
    this.output = output;
    this.timedOut = timedOut;
  }
}

/** Whether a step says what it touches: a command that does not may touch anything. */
export function isDeclared(fields: Fields): boolean {
  return fields["reads"] !== undefined || fields["writes"] !== undefined;
}

/** Makes the tool. */
export function runStepTool(roots: Roots, commands: Commands): Tool {
  const { coding, policy } = commands;
  const claims = (names: unknown): readonly string[] =>
    declaredClaims(roots[0], (names ?? []) as readonly string[]);
  return {
    name: "run",
    effect: "write",
    input: fieldsOf("run"),
    limit: coding.limits.commands,
    format: () => "",
    // Commands of a batch that declare nothing run side by side, but in order with what is written: the batch has all to itself.
    reads: (fields) => (isDeclared(fields as Fields) ? claims((fields as Fields)["reads"]) : "*"),
    writes: (fields) => claims((fields as Fields)["writes"]),
    needsApproval: (fields) => refusedBy(policy, commandOf(fields as Fields)) !== undefined,
    run: async (fields, ctx) => await runStep(roots, commands, fields as Fields, ctx),
  };
}

/** The program and its arguments, or the text for the shell. */
export function commandOf(fields: Fields): string | readonly [string, ...string[]] {
  return fields["run"] as string | readonly [string, ...string[]]; // The field was checked.
}

async function runStep(
  roots: Roots,
  { coding, newMark }: Commands,
  fields: Fields,
  { signal }: TaskContext,
): Promise<RunOutput> {
  const {
    cwd = ".",
    timeoutMs = coding.commandTimeoutMs,
    stdin,
  } = fields as {
    readonly cwd?: string;
    readonly timeoutMs?: number;
    readonly stdin?: string;
  };
  const folder = await folderOf(rootOf(roots, cwd), cwd);
  const time = timeLimit(signal, timeoutMs);
  try {
    signal.throwIfAborted();
    const { exitCode = null, ...ended } = await runCommand({
      command: commandOf(fields),
      cwd: folder,
      stdin: stdin === undefined ? undefined : { text: stdin },
      signal: time.signal,
      graceMs: coding.commandGraceMs,
      mark: newMark(),
      kept: { headBytes: KEPT_BYTES, tailBytes: KEPT_BYTES },
    });
    const output = {
      exitCode,
      signal: ended.signal ?? null,
      ...streamOf("stdout", ended.stdout),
      ...streamOf("stderr", ended.stderr),
    };
    if (signal.aborted) {
      leaveOutput(fields, output);
    }
    signal.throwIfAborted();
    mustHaveEndedWell(output, time.isOver ? timeoutMs : undefined);
    return output;
  } finally {
    time.clear();
  }
}

/** What refers to a stream gets all of it, or is told that there is none. */
function streamOf(name: "stdout" | "stderr", output: Output): Partial<RunOutput> {
  const pieces = piecesOf(output).map((piece) =>
    typeof piece === "string" ? stripVTControlCharacters(piece) : piece,
  );
  const [whole, gap] = pieces;
  return gap === undefined ? { [name]: whole } : { [`${name}Ends`]: pieces };
}

/** @throws CommandFailed - when it was stopped as it took longer than so many milliseconds, or its exit code is not 0 */
function mustHaveEndedWell(output: RunOutput, stoppedAfterMs: number | undefined): void {
  if (stoppedAfterMs !== undefined) {
    const most = formatDuration(stoppedAfterMs);
    const text = `it was stopped as it took longer than ${most}; set timeoutMs for more time`;
    throw new CommandFailed(text, output, true);
  }
  const { exitCode, signal } = output;
  if (exitCode !== 0) {
    const how = exitCode === null ? `ended by ${signal}` : `exit code ${exitCode}`;
    throw new CommandFailed(how, output, false);
  }
}
