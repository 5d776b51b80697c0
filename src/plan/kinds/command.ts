/** `command`: a command of the shell, or a program with its arguments. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { CommandError, failureOf } from "../../system/command-error.ts";
import { HEAD_BYTES, type Output } from "../../system/output-file.ts";
import {
  runCommand,
  withoutVariables,
  type CommandOptions,
  type CommandResult,
} from "../../system/run-command.ts";
import type { Kind } from "../kind.ts";
import { parseText, soleReference, type Reference } from "../reference.ts";
import type { CommandSettings } from "../settings.ts";
import { toShellText } from "../shell-text.ts";
import { jsonOf, linesOf } from "../text-fields.ts";
import { asText, type Values } from "../values.ts";

/** How a command ended. */
export interface CommandValue {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  /** The beginning of its standard output, at most 16 KiB: all of it when `stdoutBytes` is no more. */
  readonly stdout: string;
  readonly stdoutBytes: number;
  /** Where all of it stands; undefined when there was none, or it was not kept. */
  readonly stdoutFile: string | undefined;
  /** The beginning of its standard error, in the same way. */
  readonly stderr: string;
  readonly stderrBytes: number;
  readonly stderrFile: string | undefined;
  /** Why output beyond the beginning is lost: the disk failed. */
  readonly lost: string | undefined;
}

/** One stream of output. */
interface StreamValue {
  readonly text: string;
  readonly bytes: number;
  readonly file: string | undefined;
  readonly lost: string | undefined;
}

/** The longest value that travels as an argument or environment variable, in bytes: Linux refuses 128 KiB. */
const LONGEST_ARGUMENT_BYTES = 100_000;

/** The longest output that a reference brings into memory, in bytes. */
const LONGEST_TEXT_BYTES = 64 * 1024 * 1024;

/** How much of a value is shown in the command that failed with it, in characters. */
const SHOWN_VALUE = 40;

const MEND = "hand it over as stdin: ${{ … }}, or name its file with .stdoutFile";

export const command: Kind<CommandSettings> = {
  defaultLimit: 3,
  fields: {
    exitCode: ({ exitCode }: CommandValue) => exitCode,
    stdout: (value: CommandValue) => trimmedText(stdoutOf(value)),
    stderr: (value: CommandValue) => trimmedText(stderrOf(value)),
    lines: async (value: CommandValue) => linesOf(await textOf(stdoutOf(value))),
    json: async (value: CommandValue) => jsonOf(await textOf(stdoutOf(value))),
    stdoutFile: (value: CommandValue) => fileOf(stdoutOf(value)),
    stderrFile: (value: CommandValue) => fileOf(stderrOf(value)),
  },
  async run(settings, work) {
    const { ctx, surroundings, plan, values, task } = work;
    const cwd =
      settings.cwd === undefined
        ? plan.folder
        : resolve(plan.folder, await values.text(settings.cwd));
    const started = await startOf(settings, values);
    const result = await runCommand({
      ...started,
      cwd,
      env: {
        ...withoutVariables(surroundings.keyVariables),
        ...(await environment(settings, values)),
        ...started.env,
      },
      stdin: await stdinOf(settings.stdin, values),
      stdoutFile: surroundings.outputFile(ctx, "stdout"),
      stderrFile: surroundings.outputFile(ctx, "stderr"),
      signal: ctx.signal,
      graceMs: task.graceMs ?? surroundings.graceMs,
      mark: surroundings.newMark(),
      onLine: (line, stream) => surroundings.onLine(ctx.key, line, stream),
    });
    if (result.exitCode !== 0) {
      throw failureOf(
        typeof settings.command === "string"
          ? await filledIn(settings.command, values)
          : started.command,
        result,
      );
    }
    return valueOf(result);
  },
  answer: ({ stdout, stdoutBytes }: CommandValue) => {
    const rest = stdoutBytes - Buffer.byteLength(stdout);
    return rest > 0 ? `${stdout}\n… (${rest} bytes more)` : stdout.trimEnd();
  },
  leftBy: (error) =>
    error instanceof CommandError && error.result !== undefined ? valueOf(error.result) : undefined,
};

/** What is started: in a text for the shell, references have become environment variables. */
async function startOf(
  settings: CommandSettings,
  values: Values,
): Promise<Pick<CommandOptions, "command" | "env">> {
  if (typeof settings.command !== "string") {
    const [program, ...rest] = await Promise.all(
      settings.command.map(async (each) => checkArgument(await values.text(each), each)),
    );
    return { command: [program ?? "", ...rest], env: {} };
  }
  const { text, variables } = toShellText(settings.command);
  const entries = Object.entries(variables).map(async ([name, reference]) => {
    const value = asText(await values.lookUp(reference));
    return [name, checkArgument(value, reference.text)] as const;
  });
  return { command: text, env: Object.fromEntries(await Promise.all(entries)) };
}

/** The command as messages show it: with the values of its references, each at most so long. */
async function filledIn(command: string, values: Values): Promise<string> {
  const parts = parseText(command).map(async ({ literal, reference }) => {
    const text = reference === undefined ? "" : asText(await values.lookUp(reference));
    return literal ?? (text.length > SHOWN_VALUE ? `${text.slice(0, SHOWN_VALUE)}…` : text);
  });
  return (await Promise.all(parts)).join("");
}

async function environment(
  { env = {} }: CommandSettings,
  values: Values,
): Promise<Readonly<Record<string, string>>> {
  const entries = Object.entries(env).map(
    async ([name, value]) => [name, checkArgument(await values.text(value), name)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

/** Standard input: the bytes that another command printed as they are, any other value as text. */
async function stdinOf(
  stdin: string | undefined,
  values: Values,
): Promise<CommandOptions["stdin"]> {
  if (stdin === undefined) {
    return undefined;
  }
  return (await outputOf(stdin, values)) ?? { text: await values.text(stdin) };
}

/**
 * The output of a command, as the bytes that it is, where a text is nothing but a reference to it.
 *
 * @throws `Error` when those bytes were not kept.
 */
export async function outputOf(
  text: unknown,
  values: Values,
): Promise<{ readonly file: string } | { readonly text: string } | undefined> {
  const reference = soleReference(text);
  const stream = reference === undefined ? undefined : await streamOf(reference, values);
  if (stream === undefined) {
    return undefined;
  }
  if (stream.file !== undefined) {
    return { file: stream.file };
  }
  // Bytes that are no text have become U+FFFD, or were left out.
  if (Buffer.byteLength(stream.text) !== stream.bytes || stream.text.includes("\uFFFD")) {
    throw notKept(stream);
  }
  return { text: stream.text };
}

/** The stream of a command that a reference names as a whole. */
async function streamOf(reference: Reference, values: Values): Promise<StreamValue | undefined> {
  const field = reference.path.at(-1);
  if (field !== "stdout" && field !== "stderr") {
    return undefined;
  }
  const result = await values.resultOf(reference);
  if (result?.kind !== "command") {
    return undefined;
  }
  const value = result.value as CommandValue; // What this kind returns.
  return field === "stdout" ? stdoutOf(value) : stderrOf(value);
}

function checkArgument(value: string, what: string): string {
  if (value.includes("\0")) {
    throw new RangeError(`Cannot pass ${what} as an argument as it has NUL bytes; ${MEND}`);
  }
  const bytes = Buffer.byteLength(value);
  if (bytes > LONGEST_ARGUMENT_BYTES) {
    throw new RangeError(
      `Cannot pass ${what} as an argument as it is longer than ${LONGEST_ARGUMENT_BYTES} bytes: ${bytes}; ${MEND}`,
    );
  }
  return value;
}

function valueOf({ exitCode, signal, stdout, stderr }: CommandResult): CommandValue {
  return {
    exitCode,
    signal,
    stdout: beginningOf(stdout),
    stdoutBytes: stdout.bytes,
    stdoutFile: stdout.file,
    stderr: beginningOf(stderr),
    stderrBytes: stderr.bytes,
    stderrFile: stderr.file,
    lost: (stdout.lost ?? stderr.lost)?.message,
  };
}

/** The decoder leaves out a character that is cut in two. */
function beginningOf({ head }: Output): string {
  return new StringDecoder("utf8").write(head);
}

function stdoutOf({ stdout, stdoutBytes, stdoutFile, lost }: CommandValue): StreamValue {
  return { text: stdout, bytes: stdoutBytes, file: stdoutFile, lost };
}

function stderrOf({ stderr, stderrBytes, stderrFile, lost }: CommandValue): StreamValue {
  return { text: stderr, bytes: stderrBytes, file: stderrFile, lost };
}

async function textOf(stream: StreamValue): Promise<string> {
  const { text, bytes, file } = stream;
  if (bytes <= HEAD_BYTES) {
    return text;
  }
  if (file === undefined) {
    throw notKept(stream);
  }
  if (bytes > LONGEST_TEXT_BYTES) {
    throw new RangeError(
      `Cannot use an output as a text as it is longer than ${LONGEST_TEXT_BYTES} bytes: ${bytes}; ${MEND}`,
    );
  }
  return await readFile(file, "utf8");
}

/** As `$( )` does it: without the line ends at the end. */
async function trimmedText(stream: StreamValue): Promise<string> {
  return (await textOf(stream)).replace(/(?:\r?\n)+$/, "");
}

function fileOf(stream: StreamValue): string {
  const { file, bytes } = stream;
  if (file !== undefined) {
    return file;
  }
  // Nothing was printed, so no file was made; a file without content is one that every system has.
  if (bytes === 0) {
    return process.platform === "win32" ? "NUL" : "/dev/null";
  }
  throw notKept(stream);
}

function notKept({ lost }: StreamValue): Error {
  return new Error(
    `Cannot use an output that was not kept: ${lost ?? "there is no folder for it"}`,
  );
}
