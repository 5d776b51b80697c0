/** Writes the recording of a run while it runs. A disk that fails never fails the run: the recording ends, and says why. */
import { createHash } from "node:crypto";
import { createWriteStream, mkdirSync, writeFile, type WriteStream } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import type { RunEvent } from "../core/event.ts";
import { EVENTS_FILE, FORMAT_VERSION, type Origin, type StoredValue } from "./format.ts";
import type { Redact } from "./redact.ts";
import { serialize, serializeFields } from "./serialize.ts";

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
  /** How much of the values waits for the disk, in bytes. */
  #writingBytes = 0;
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
    if (this.#stream.writableLength + this.#writingBytes > MOST_PENDING_BYTES) {
      this.#dropped += 1;
      return;
    }
    this.#stream.write(`${serializeFields(this.#lineOf(event), this.#redact)}\n`);
  };

  /** Resolves when everything is on disk, or cannot be. */
  async end(): Promise<RecordingEnd> {
    this.#stream.end();
    // Why it failed is in #error already.
    await finished(this.#stream).catch(() => undefined);
    await Promise.all(this.#writing);
    if (this.#error !== undefined) {
      return { problem: this.#error.message };
    }
    const dropped = this.#dropped;
    return {
      problem: dropped === 0 ? undefined : `the disk was too slow: ${dropped} events were dropped`,
    };
  }

  #lineOf(event: RunEvent): object {
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
    this.#store(file, text, bytes);
    return { stored: { file, bytes, sha256: createHash("sha256").update(text).digest("hex") } };
  }

  #store(file: string, text: string, bytes: number): void {
    try {
      mkdirSync(join(this.#folder, "values"), { recursive: true });
    } catch (error) {
      this.#error ??= error as Error; // What node:fs throws.
      return;
    }
    this.#writingBytes += bytes;
    const written = new Promise<void>((resolve) => {
      writeFile(join(this.#folder, file), text, { mode: 0o600 }, (error) => {
        this.#writingBytes -= bytes;
        this.#error ??= error ?? undefined;
        resolve();
      });
    });
    this.#writing.add(written);
    written.finally(() => this.#writing.delete(written)).catch(() => undefined);
  }
}
