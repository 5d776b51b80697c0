/** `run_commands`: many commands of the shell in one call, each with its own outcome. */
import { randomUUID } from "node:crypto";
import { stat } from "node:fs/promises";
import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import { describeError } from "../../core/errors.ts";
import type { TaskContext } from "../../core/task.ts";
import { all } from "../../patterns/all.ts";
import { CommandError } from "../../system/command-error.ts";
import { fileError } from "../../system/file-error.ts";
import type { Output } from "../../system/output-file.ts";
import { locateReally, type RootFolder } from "../../system/root-folder.ts";
import { runCommand, withoutVariables } from "../../system/run-command.ts";
import { timeLimit } from "../../system/time-limit.ts";
import { defineTool, type Tool } from "../tool.ts";
import { DECLARED_NAME, declaredClaims } from "./claims.ts";
import { fairShares } from "./fair-shares.ts";
import { headAndTail, withMarks, type Pieces } from "./head-and-tail.ts";
import { LONGEST_COMMAND_MS, type CodingSettings } from "./settings.ts";
import { counted } from "../../core/counted.ts";
import { shortLine } from "./text.ts";

/** How much of each stream is kept of its beginning, and how much of its end, in bytes. */
const KEPT_BYTES = 32 * 1024;

/** How many commands one call may have. */
const MOST_COMMANDS = 100;

/** What the lines around the output of a command need at most, in bytes. */
const FRAME_BYTES = 400;

/** How much of a command is repeated in the result, in characters. */
const SHOWN_COMMAND = 200;

const names = z.array(DECLARED_NAME).optional();

const input = z.object({
  commands: z
    .array(
      z.object({
        command: z
          .string()
          .min(1)
          .describe("For /bin/sh. It has no terminal, and its input is empty"),
        cwd: z
          .string()
          .optional()
          .describe("Folder to run in, relative to the root. Default: the root"),
        timeoutMs: z.int().min(1).max(LONGEST_COMMAND_MS).optional(),
        reads: names.describe(
          "All files and folders that it reads, relative to the root, or other things by a name such as port:3000",
        ),
        writes: names.describe(
          "All that it writes, in the same way. Leave both out if you do not know",
        ),
      }),
    )
    .min(1)
    .max(MOST_COMMANDS),
});

/** One command, as it was asked for. */
type CommandRequest = z.infer<typeof input>["commands"][number];

/** How a command ended. A program decides by itself what its exit code means: `grep` ends with 1 where it finds nothing. */
export type CommandOutput = { readonly command: string } & (
  | ({ readonly status: "exited"; readonly exitCode: number } & CommandStreams)
  | ({ readonly status: "killed"; readonly signal: string } & CommandStreams)
  | ({ readonly status: "timed-out"; readonly timeoutMs: number } & CommandStreams)
  | { readonly status: "not-started"; readonly error: string }
);

/** What a command has printed: of each stream the first and the last 32 KiB, with a line that says what was left out. */
export interface CommandStreams {
  readonly stdout: string;
  readonly stderr: string;
}

/** One entry for each command, in their order. */
export interface RunCommandsOutput {
  readonly commands: readonly CommandOutput[];
}

/** Makes the tool. */
export function runCommandsTool(settings: CodingSettings): Tool {
  const { root, limits, maxResultBytes } = settings;
  return defineTool({
    name: "run_commands",
    description:
      "Runs shell commands. Those of one call run at the same time, and one that fails does not affect the others. What must come after another: join it with && in one command; or declare reads and writes, and each waits for earlier ones that write what it reads or writes, or read what it writes. A call whose commands all declare what they touch can run beside other calls. What a command leaves running in the background is ended with it.",
    input,
    effect: "write",
    reads: ({ commands }) => commands.flatMap(({ reads = [] }) => declaredClaims(root, reads)),
    writes: ({ commands }) =>
      commands.every(isDeclared)
        ? commands.flatMap(({ writes = [] }) => declaredClaims(root, writes))
        : "*",
    run: async ({ commands }, ctx): Promise<RunCommandsOutput> => {
      const tasks = commands.map((request) => ({
        reads: declaredClaims(root, request.reads ?? []),
        writes: declaredClaims(root, request.writes ?? []),
        limit: limits.commands,
        run: async ({ signal }: TaskContext) => await runOne(settings, request, signal),
      }));
      return { commands: await all(tasks, { within: ctx }) };
    },
    format: (output) => formatCommands(output, maxResultBytes),
  });
}

function isDeclared({ reads, writes }: CommandRequest): boolean {
  return reads !== undefined || writes !== undefined;
}

async function runOne(
  { root, commandTimeoutMs, commandGraceMs, hiddenVariables }: CodingSettings,
  { command, cwd = ".", timeoutMs = commandTimeoutMs }: CommandRequest,
  signal: AbortSignal,
): Promise<CommandOutput> {
  const time = timeLimit(signal, timeoutMs);
  try {
    signal.throwIfAborted();
    const result = await runCommand({
      command,
      cwd: await folderOf(root, cwd),
      env: withoutVariables(hiddenVariables),
      signal: time.signal,
      graceMs: commandGraceMs,
      mark: randomUUID(),
      kept: { headBytes: KEPT_BYTES, tailBytes: KEPT_BYTES },
    });
    signal.throwIfAborted();
    const streams = {
      stdout: withMarks(piecesOf(result.stdout)),
      stderr: withMarks(piecesOf(result.stderr)),
    };
    if (time.isOver) {
      return { command, status: "timed-out", timeoutMs, ...streams };
    }
    return result.exitCode === undefined
      ? { command, status: "killed", signal: result.signal ?? "a signal", ...streams }
      : { command, status: "exited", exitCode: result.exitCode, ...streams };
  } catch (error) {
    signal.throwIfAborted();
    return { command, status: "not-started", error: describeError(error) };
  } finally {
    time.clear();
  }
}

export async function folderOf(root: RootFolder, path: string): Promise<string> {
  const real = locateReally(root, path);
  const stats = await stat(real).catch((error: unknown) => {
    throw fileError("run a command in a folder", path, error);
  });
  if (!stats.isDirectory()) {
    throw new CommandError(`Cannot run a command in a folder as it is a file: ${path}`);
  }
  return real;
}

/** All of a stream; or its beginning, how much is missing, and its end. */
export function piecesOf({ head, tail, bytes }: Pick<Output, "head" | "tail" | "bytes">): Pieces {
  const left = bytes - head.length - tail.length;
  if (left === 0) {
    return [Buffer.concat([head, tail]).toString("utf8")];
  }
  // Whole lines, where there are any: so no character is cut either. The line end before the first of them stays with it.
  const end = head.lastIndexOf("\n") + 1;
  const begin = tail.indexOf("\n");
  const first = head.subarray(0, end === 0 ? head.length : end);
  const last = tail.subarray(Math.max(0, begin));
  const leftOut = bytes - first.length - last.length;
  return [
    first.toString("utf8"),
    { leftOut },
    `${begin === -1 ? "\n" : ""}${last.toString("utf8")}`,
  ];
}

/** Each command gets its share of the room. */
function formatCommands({ commands }: RunCommandsOutput, bytes: number): string {
  const bodies = commands.map(bodyOf);
  const heads = commands.map(headOf);
  const frames = heads.reduce((sum, head) => sum + Buffer.byteLength(head) + FRAME_BYTES, 0);
  const shares = fairShares(
    bodies.map((body) => Buffer.byteLength(body)),
    Math.max(0, bytes - frames),
  );
  return bodies
    .map((body, index) => {
      const shown = headAndTail(body, shares[index] ?? 0);
      return `${heads[index] ?? ""}${shown === "" ? "" : `\n${shown}`}`;
    })
    .join("\n");
}

function headOf(output: CommandOutput): string {
  const command = shortLine(output.command.replaceAll("\n", "\n> "), SHOWN_COMMAND);
  return `$ ${command}\n(${endOf(output)})`;
}

function endOf(output: CommandOutput): string {
  switch (output.status) {
    case "exited":
      return `exit code ${output.exitCode}`;
    case "killed":
      return `ended by ${output.signal}`;
    case "timed-out":
      return `stopped as it took longer than ${counted(output.timeoutMs, "ms", "ms")}; this is what it printed until then. Set timeoutMs for more time`;
    case "not-started":
      return `not started: ${output.error}`;
  }
}

function bodyOf(output: CommandOutput): string {
  if (output.status === "not-started") {
    return "";
  }
  const [stdout, stderr] = [output.stdout, output.stderr].map((text) =>
    stripVTControlCharacters(text).replace(/\s+$/, ""),
  );
  return stderr === ""
    ? (stdout ?? "")
    : [stdout, "stderr:", stderr].filter((text) => text !== "").join("\n");
}
