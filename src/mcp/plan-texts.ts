/** What the tasks of a plan left behind, as a model reads it. Read before the files are removed that commands have printed to. */
import { open } from "node:fs/promises";
import { describeError, describeSkip, TasksFailedError } from "../core/errors.ts";
import type { Outcome } from "../core/outcome.ts";
import type { CommandValue } from "../plan/kinds/command.ts";
import type { EachValue } from "../plan/kinds/each.ts";
import type { KindName } from "../plan/settings.ts";
import { CommandError } from "../system/command-error.ts";
import { textOf } from "../tools/coding/run-commands.ts";
import { printed } from "./printed.ts";

/** How much is kept of a stream of output: its beginning and its end together, in bytes. */
const KEPT_BYTES = 256 * 1024;

/** How much the commands of the items of a task share, in bytes. */
const SHARED_BYTES = 8 * 1024 * 1024;

/** How many of the items that failed are told of. */
const MOST_FAILURES = 20;

/** One stream, as far as it is in memory, and where all of it is. */
interface Stream {
  readonly head: Buffer;
  readonly bytes: number;
  readonly file: string | undefined;
}

/** What a task left behind, or why it did not complete. */
export async function textOfTask(kind: KindName, outcome: Outcome<unknown>): Promise<string> {
  switch (outcome.status) {
    case "completed":
      return await textOfValue(kind, outcome.value);
    case "failed":
      return await textOfFailure(outcome.error, KEPT_BYTES);
    case "cancelled":
      return describeError(outcome.reason);
    case "skipped":
      return describeSkip(outcome.because);
  }
}

/** A text as it is, what a command printed, and anything else as JSON. */
async function textOfValue(kind: KindName, value: unknown): Promise<string> {
  if (typeof value === "string") {
    return value;
  }
  if (kind === "command") {
    return await textOfCommand(value as CommandValue, KEPT_BYTES); // What this kind returns.
  }
  const shown = kind === "each" ? await withTexts(value as EachValue) : value; // As above.
  return JSON.stringify(shown) ?? "";
}

/** What each item left behind; of those that ran a command, what it printed. */
async function withTexts({ kind, items }: EachValue): Promise<EachValue> {
  if (kind !== "command") {
    return { kind, items };
  }
  const most = shareOf(items.length);
  const told: EachValue["items"][number][] = [];
  for (const each of items) {
    const { status, value } = each;
    const isKnown = status === "completed"; // What the kind returns.
    told.push(
      isKnown ? { ...each, value: await textOfCommand(value as CommandValue, most) } : each,
    );
  }
  return { kind, items: told };
}

async function textOfFailure(error: unknown, most: number): Promise<string> {
  if (TasksFailedError.isInstance(error)) {
    return await textOfFailures(error);
  }
  const said = describeError(error);
  const result = CommandError.isInstance(error) ? error.result : undefined;
  if (result === undefined) {
    return said;
  }
  const text = printed({
    stdout: await textOfStream(result.stdout, most),
    stderr: await textOfStream(result.stderr, most),
  });
  return text === "" ? said : `${said}\n${text}`;
}

async function textOfFailures(error: TasksFailedError): Promise<string> {
  const { errors } = error;
  const told = errors.slice(0, MOST_FAILURES);
  const texts = [describeError(error)];
  for (const { key, error: own } of told) {
    texts.push(`${key}: ${await textOfFailure(own, shareOf(told.length))}`);
  }
  return texts.join("\n");
}

async function textOfCommand(value: CommandValue, most: number): Promise<string> {
  const { stdout, stdoutBytes, stdoutFile, stderr, stderrBytes, stderrFile } = value;
  return printed({
    stdout: await textOfStream(
      { head: Buffer.from(stdout), bytes: stdoutBytes, file: stdoutFile },
      most,
    ),
    stderr: await textOfStream(
      { head: Buffer.from(stderr), bytes: stderrBytes, file: stderrFile },
      most,
    ),
  });
}

/** The beginning and the end, and how much is missing between them. Where the file is gone, what is in memory. */
async function textOfStream({ head, bytes, file }: Stream, most: number): Promise<string> {
  const known = { head, tail: Buffer.alloc(0), bytes: Math.max(bytes, head.length) };
  if (file === undefined || bytes <= head.length) {
    return textOf(known);
  }
  return textOf(await endsOf(file, bytes, most).catch(() => known));
}

async function endsOf(
  file: string,
  bytes: number,
  most: number,
): Promise<Pick<Stream, "head" | "bytes"> & { readonly tail: Buffer }> {
  const handle = await open(file);
  try {
    const read = async (start: number, length: number): Promise<Buffer> => {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, start);
      return buffer.subarray(0, bytesRead);
    };
    const half = Math.floor(most / 2);
    return bytes <= most
      ? { head: await read(0, bytes), tail: Buffer.alloc(0), bytes }
      : { head: await read(0, half), tail: await read(bytes - half, half), bytes };
  } finally {
    await handle.close();
  }
}

/** How much is kept of a stream where so many items have two each. */
function shareOf(items: number): number {
  return Math.min(KEPT_BYTES, Math.floor(SHARED_BYTES / (2 * Math.max(1, items))));
}
