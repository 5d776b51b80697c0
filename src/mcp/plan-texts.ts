/** What the tasks of a plan left behind, as a model reads it. Read before the files are removed that commands have printed to. */
import { randomUUID } from "node:crypto";
import { open } from "node:fs/promises";
import { describeError, describeSkip, TasksFailedError } from "../core/errors.ts";
import type { Outcome } from "../core/outcome.ts";
import type { CommandValue } from "../plan/kinds/command.ts";
import type { EachValue } from "../plan/kinds/each.ts";
import { asJson, jsonValue } from "../plan/json-value.ts";
import type { KindName } from "../plan/settings.ts";
import { CommandError } from "../system/command-error.ts";
import type { Gap, Pieces } from "../tools/coding/head-and-tail.ts";
import { piecesOf } from "../tools/coding/run-commands.ts";
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
export async function textOfTask(kind: KindName, outcome: Outcome<unknown>): Promise<Pieces> {
  switch (outcome.status) {
    case "completed":
      return await textOfValue(kind, outcome.value);
    case "failed":
      return await textOfFailure(outcome.error, KEPT_BYTES);
    case "cancelled":
      return [describeError(outcome.reason)];
    case "skipped":
      return [describeSkip(outcome.because)];
  }
}

/** A text as it is, what a command printed, and anything else as JSON. */
async function textOfValue(kind: KindName, value: unknown): Promise<Pieces> {
  if (typeof value === "string") {
    return [value];
  }
  if (kind === "command") {
    return await textOfCommand(value as CommandValue, KEPT_BYTES); // What this kind returns.
  }
  return kind === "each"
    ? await textOfItems(value as EachValue) // As above.
    : [asJson(jsonValue(value))];
}

/** What each item left behind; of those that ran a command, what it printed. */
async function textOfItems({ kind, items }: EachValue): Promise<Pieces> {
  if (kind !== "command") {
    return [asJson({ kind, items: items.map(withJsonValue) })];
  }
  const gaps: Gap[] = [];
  const place = randomUUID(); // Stands for a gap within JSON.
  const most = shareOf(items.length);
  const held = (pieces: Pieces): string => {
    gaps.push(...pieces.filter((piece) => typeof piece !== "string"));
    return pieces.map((piece) => (typeof piece === "string" ? piece : place)).join("");
  };
  const told: EachValue["items"][number][] = [];
  for (const each of items) {
    const { status, value } = each;
    const isKnown = status === "completed"; // What the kind returns.
    told.push(
      isKnown ? { ...each, value: held(await textOfCommand(value as CommandValue, most)) } : each,
    );
  }
  const [first = "", ...rest] = JSON.stringify({ kind, items: told }).split(place);
  return [first, ...rest.flatMap((text, index) => [gaps[index] ?? "", text])];
}

function withJsonValue(item: EachValue["items"][number]): EachValue["items"][number] {
  return { ...item, value: jsonValue(item.value) };
}

async function textOfFailure(error: unknown, most: number): Promise<Pieces> {
  if (TasksFailedError.isInstance(error)) {
    return await textOfFailures(error);
  }
  const said = describeError(error);
  const result = CommandError.isInstance(error) ? error.result : undefined;
  if (result === undefined) {
    return [said];
  }
  const text = printed({
    stdout: await textOfStream(result.stdout, most),
    stderr: await textOfStream(result.stderr, most),
  });
  return text.length === 0 ? [said] : [`${said}\n`, ...text];
}

async function textOfFailures(error: TasksFailedError): Promise<Pieces> {
  const { errors } = error;
  const told = errors.slice(0, MOST_FAILURES);
  const texts: (string | Gap)[] = [describeError(error)];
  for (const { key, error: own } of told) {
    texts.push(`\n${key}: `, ...(await textOfFailure(own, shareOf(told.length))));
  }
  return texts;
}

async function textOfCommand(value: CommandValue, most: number): Promise<Pieces> {
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
async function textOfStream({ head, bytes, file }: Stream, most: number): Promise<Pieces> {
  const known = { head, tail: Buffer.alloc(0), bytes: Math.max(bytes, head.length) };
  if (file === undefined || bytes <= head.length) {
    return piecesOf(known);
  }
  return piecesOf(await endsOf(file, bytes, most).catch(() => known));
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
