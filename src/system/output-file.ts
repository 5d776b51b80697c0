/** Keeps one stream of output: whole in a file, its beginning in memory. A disk that fails loses output, never the command. */
import { createWriteStream, type WriteStream } from "node:fs";
import type { Readable } from "node:stream";

/** How much of the beginning stays in memory, in bytes. */
export const HEAD_BYTES = 16_384;

/** What became of one stream of output. */
export interface Output {
  readonly bytes: number;
  /** The beginning: everything when `bytes` is no more. */
  readonly head: Buffer;
  /** Where all of it stands; undefined when there was none, no file was asked for, or the disk failed. */
  readonly file: string | undefined;
  /** Why output beyond the head is lost. */
  readonly lost: Error | undefined;
}

/** Collects the output of one stream. The file is made with the first byte, readable by its owner alone. */
export class OutputFile {
  readonly #path: string | undefined;
  readonly #head: Buffer[] = [];
  #headBytes = 0;
  #bytes = 0;
  #stream: WriteStream | undefined;
  #lost: Error | undefined;

  constructor(path: string | undefined) {
    this.#path = path;
  }

  /** Takes a chunk that came from `source`, always the same one, which is paused while the disk is slower. */
  add(chunk: Buffer, source: Readable): void {
    this.#bytes += chunk.length;
    if (this.#headBytes < HEAD_BYTES) {
      const kept = Buffer.from(chunk.subarray(0, HEAD_BYTES - this.#headBytes));
      this.#head.push(kept);
      this.#headBytes += kept.length;
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
      file: this.#lost === undefined && stream !== undefined ? this.#path : undefined,
      lost: this.#lost,
    };
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
