/** Keeps one stream of output: whole in a file, its beginning and end in memory. A disk that fails loses output, never the command. */
import { createWriteStream, type WriteStream } from "node:fs";
import type { Readable } from "node:stream";

/** How much of the beginning stays in memory, in bytes. */
export const HEAD_BYTES = 16_384;

/** What became of one stream of output. */
export interface Output {
  readonly bytes: number;
  /** The beginning: everything when `bytes` is no more. */
  readonly head: Buffer;
  /** The end, as far as it was to be kept, without what is in the head. */
  readonly tail: Buffer;
  /** Where all of it stands; undefined when there was none, no file was asked for, or the disk failed. */
  readonly file: string | undefined;
  /** Why output beyond the head is lost. */
  readonly lost: Error | undefined;
}

/** How much stays in memory. */
export interface KeptOutput {
  /** Of the beginning, in bytes. */
  readonly headBytes: number;
  /** Of the end, in bytes. */
  readonly tailBytes: number;
}

const DEFAULT_KEPT: KeptOutput = { headBytes: HEAD_BYTES, tailBytes: 0 };

/** Collects the output of one stream. The file is made with the first byte, readable by its owner alone. */
export class OutputFile {
  readonly #path: string | undefined;
  readonly #kept: KeptOutput;
  readonly #head: Buffer[] = [];
  #headBytes = 0;
  readonly #tail: Buffer[] = [];
  #tailBytes = 0;
  #bytes = 0;
  #stream: WriteStream | undefined;
  #lost: Error | undefined;

  constructor(path: string | undefined, kept: KeptOutput = DEFAULT_KEPT) {
    this.#path = path;
    this.#kept = kept;
  }

  /** Takes a chunk that came from `source`, always the same one, which is paused while the disk is slower. */
  add(chunk: Buffer, source: Readable): void {
    this.#bytes += chunk.length;
    const room = this.#kept.headBytes - this.#headBytes;
    if (room > 0) {
      const kept = Buffer.from(chunk.subarray(0, room));
      this.#head.push(kept);
      this.#headBytes += kept.length;
    }
    if (chunk.length > room && this.#kept.tailBytes > 0) {
      this.#addToTail(chunk.subarray(Math.max(0, room)));
    }
    if (this.#path === undefined || this.#lost !== undefined) {
      return;
    }
    this.#stream ??= this.#open(this.#path, source);
    if (!this.#stream.write(chunk)) {
      source.pause();
    }
  }

  /** Resolves when everything taken is in the file. */
  async end(): Promise<Output> {
    const stream = this.#stream;
    if (stream !== undefined && this.#lost === undefined) {
      await new Promise<void>((resolve) => {
        // Comes after an error; what is handed to `end` is called before it.
        stream.once("close", resolve);
        stream.end();
      });
    }
    return {
      bytes: this.#bytes,
      head: Buffer.concat(this.#head),
      tail: this.#endOfTail(),
      file: this.#lost === undefined && stream !== undefined ? this.#path : undefined,
      lost: this.#lost,
    };
  }

  /** Whole chunks are dropped as soon as those after them are enough. */
  #addToTail(chunk: Buffer): void {
    this.#tail.push(Buffer.from(chunk.subarray(-this.#kept.tailBytes)));
    this.#tailBytes += Math.min(chunk.length, this.#kept.tailBytes);
    for (let [first] = this.#tail; first !== undefined; [first] = this.#tail) {
      if (this.#tailBytes - first.length < this.#kept.tailBytes) {
        return;
      }
      this.#tail.shift();
      this.#tailBytes -= first.length;
    }
  }

  #endOfTail(): Buffer {
    const { tailBytes } = this.#kept;
    return tailBytes === 0 ? Buffer.alloc(0) : Buffer.concat(this.#tail).subarray(-tailBytes);
  }

  #open(path: string, source: Readable): WriteStream {
    const stream = createWriteStream(path, { mode: 0o600 });
    stream.on("drain", () => source.resume());
    stream.on("error", (error) => {
      this.#lost = error;
      source.resume();
    });
    return stream;
  }
}
