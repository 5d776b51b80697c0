/**
 * The recording of a run: `events.jsonl`, one event a line, in the words of the event log. Append only. The first line is
 * `run-started` with the version of the format; the last, unless the process was killed, is `run-settled`.
 */
import type { RunEvent, RunStartedEvent } from "../core/event.ts";

/** The version that this package writes. It reads this one and older ones. */
export const FORMAT_VERSION = 1;

/** The file of the events in the folder of a run. */
export const EVENTS_FILE = "events.jsonl";

/** What a recording says of where it comes from, in its first line. */
export interface Origin {
  /** `run` for a plan, `exec` for commands, `ask` for a question to a model. */
  readonly command: "run" | "exec" | "ask";
  /** The plan file, absolute; for commands the folder, and for a question the one that the model reads. */
  readonly source: string;
  /** The folder in which the command was given. */
  readonly cwd: string;
  /** The version of this package. */
  readonly fanfold: string;
}

/** The first line. */
export interface RecordedStart extends RunStartedEvent {
  readonly formatVersion: number;
  /** The wall time of `atMs` 0, as ISO 8601 in UTC. */
  readonly startedAt: string;
  readonly origin: Origin;
}

/** A value that was too large for a line. */
export interface StoredValue {
  /** The file, relative to the folder of the run. */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** An error as data. */
export interface RecordedError {
  readonly name: string;
  readonly message: string;
  readonly code?: string | undefined;
  readonly stack?: string | undefined;
  readonly cause?: RecordedError | string | undefined;
}

/** An event as it was read: values are data, errors are {@link RecordedError}s. */
export type RecordedEvent = RunEvent | RecordedStart;
