/** Writes the recording of a run while it runs. A disk that fails never fails the run: the recording ends, and says why. */
import { createHash } from "node:crypto";
import { createWriteStream, mkdirSync, writeFile, type WriteStream } from "node:fs";
import { join } from "node:path";
import type { RunEvent } from "../core/event.ts";
import { EVENTS_FILE, FORMAT_VERSION, type Origin, type StoredValue } from "./format.ts";
import type { Redact } from "./redact.ts";
import { serialize } from "./serialize.ts";

/** A value longer than this goes to a file of its own, in bytes. */
const LONGEST_VALUE_BYTES = 65_536;

/** How much may wait for the disk before events are dropped, in bytes. */
const MOST_PENDING_BYTES = 32 * 1024 * 1024;

/** What became of a recording. */
export interface RecordingEnd {
  /** Why it is not whole; undefined when it is. */
  readonly problem: string | undefined;
}

/** Records one run into its folder. */
export class Recorder {
  readonly #folder: string;
  readonly #runId: string;
  readonly #origin: Origin;
  readonly #redact: Redact;
  readonly #stream: WriteStream;
  readonly #writing = new Set<Promise<void>>();
  #error: Error | undefined;
  #dropped = 0;

  constructor(options: {
    readonly folder: string;
    readonly runId: string;
    readonly origin: Origin;
    readonly redact: Redact;
  }) {
    this.#folder = options.folder;
    this.#runId = options.runId;
    this.#origin = options.origin;
    this.#redact = options.redact;
    this.#stream = createWriteStream(join(this.#folder, EVENTS_FILE), { flags: "ax", mode: 0o600 });
    this.#stream.on("error", (error) => {
      this.#error ??= error;
    });
  }

  /** Takes an event; use it as the observer of a run. */
  readonly record = (event: RunEvent): void => {
    if (this.#error !== undefined) {
      return;
    }
    if (this.#stream.writableLength > MOST_PENDING_BYTES) {
      this.#dropped += 1;
      return;
    }
    this.#stream.write(`${serialize(this.#lineOf(event), this.#redact)}\n`);
  };

  /** Resolves when everything is on disk, or cannot be. */
  async end(): Promise<RecordingEnd> {
    if (this.#error === undefined) {
      await new Promise<void>((resolve) => {
        this.#stream.once("error", () => resolve());
        this.#stream.end(resolve);
      });
    }
    await Promise.all(this.#writing);
    if (this.#error !== undefined) {
      return { problem: this.#error.message };
    }
    const dropped = this.#dropped;
    return {
      problem: dropped === 0 ? undefined : `the disk was too slow: ${dropped} events were dropped`,
    };
  }

  #lineOf(event: RunEvent): unknown {
    const own = { ...event, runId: this.#runId };
    switch (own.type) {
      case "run-started":
        return {
          ...own,
          formatVersion: FORMAT_VERSION,
          startedAt: new Date().toISOString(),
          origin: this.#origin,
        };
      case "task-settled":
        return { ...own, value: undefined, ...this.#valueOf(own.taskId, own.value) };
      default:
        return own;
    }
  }

  /** The value itself, or the file that it went to. */
  #valueOf(
    taskId: number,
    value: unknown,
  ): { readonly value?: unknown; readonly stored?: StoredValue } {
    if (value === undefined) {
      return {};
    }
    const text = serialize(value, this.#redact);
    const bytes = Buffer.byteLength(text);
    if (bytes <= LONGEST_VALUE_BYTES) {
      return { value: JSON.parse(text) as unknown };
    }
    const file = `values/${taskId}.json`;
    this.#store(file, text);
    return { stored: { file, bytes, sha256: createHash("sha256").update(text).digest("hex") } };
  }

  #store(file: string, text: string): void {
    try {
      mkdirSync(join(this.#folder, "values"), { recursive: true });
    } catch (error) {
      this.#error ??= error as Error; // What node:fs throws.
      return;
    }
    const written = new Promise<void>((resolve) => {
      writeFile(join(this.#folder, file), text, { mode: 0o600 }, (error) => {
        this.#error ??= error ?? undefined;
        resolve();
      });
    });
    this.#writing.add(written);
    written.finally(() => this.#writing.delete(written)).catch(() => undefined);
  }
}
