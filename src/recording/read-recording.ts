/** Reads recordings, also those of runs that were killed. */
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { FanfoldError, hasCode } from "../core/errors.ts";
import { EVENTS_FILE, FORMAT_VERSION, type RecordedEvent, type RecordedStart } from "./format.ts";

/** A recording cannot be read. */
export class RecordingError extends FanfoldError {
  override readonly name = "RecordingError";

  constructor(message: string, options?: { readonly cause?: unknown } | undefined) {
    super("RECORDING_INVALID", message, options);
  }

  /** Whether `error` is one of these, whichever loaded copy of the package made it. */
  static override isInstance(error: unknown): error is RecordingError {
    return hasCode(error, "RECORDING_INVALID");
  }
}

/** A recording. */
export interface Recording {
  readonly start: RecordedStart;
  /** Every event, the first included. */
  readonly events: readonly RecordedEvent[];
  /** Whether it ends as it should: the run was not killed while it ran. */
  readonly isWhole: boolean;
}

/**
 * Reads the recording in the folder of a run. A last line that was torn when the process died is left out.
 *
 * @throws `RecordingError`, as a rejection, when it is not a recording, was damaged, or is of a newer version.
 */
export async function readRecording(folder: string): Promise<Recording> {
  const file = join(folder, EVENTS_FILE);
  const events: RecordedEvent[] = [];
  let start: RecordedStart | undefined;
  let torn: number | undefined;
  let number = 0;
  try {
    for await (const line of createInterface({
      input: createReadStream(file, "utf8"),
      crlfDelay: Infinity,
    })) {
      number += 1;
      if (torn !== undefined) {
        throw new RecordingError(`Cannot read the recording as line ${torn} is damaged: ${file}`);
      }
      const event = parseLine(line);
      // First of all: the other lines of a newer version may look like damage.
      start ??= startOf(event, file);
      if (event === undefined) {
        torn = number;
      } else {
        events.push(event);
      }
    }
  } catch (cause) {
    throw cause instanceof RecordingError
      ? cause
      : new RecordingError(`Cannot read the recording: ${(cause as Error).message}`, { cause }); // What node:fs throws.
  }
  start ??= startOf(undefined, file);
  return { start, events, isWhole: events.at(-1)?.type === "run-settled" };
}

/** The first line alone; undefined when there is none that can be read. */
export async function readStart(folder: string): Promise<RecordedStart | undefined> {
  const file = join(folder, EVENTS_FILE);
  const input = createReadStream(file, { encoding: "utf8", end: 65_536 });
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      return startOf(parseLine(line), file);
    }
  } catch {
    // Not a recording that this version can read: as good as none.
  } finally {
    input.destroy();
  }
  return undefined;
}

function parseLine(line: string): RecordedEvent | undefined {
  try {
    const data: unknown = JSON.parse(line);
    const isEvent = typeof data === "object" && data !== null && "type" in data;
    return isEvent ? (data as RecordedEvent) : undefined; // Written by the recorder.
  } catch {
    return undefined;
  }
}

function startOf(first: RecordedEvent | undefined, file: string): RecordedStart {
  if (first?.type !== "run-started" || !("formatVersion" in first)) {
    throw new RecordingError(
      `Cannot read the recording as it does not begin with run-started: ${file}`,
    );
  }
  if (first.formatVersion > FORMAT_VERSION) {
    throw new RecordingError(
      `Cannot read the recording as its format is newer than version ${FORMAT_VERSION}: ${first.formatVersion}; update fanfold`,
    );
  }
  return first;
}
