/** What stands in an open file, from its start, in pieces. */
import type { FileHandle } from "node:fs/promises";
import { encodingOf } from "./text-encoding.ts";

/** A piece of a text file. It begins and ends with whole characters, anywhere in a line. */
export interface TextChunk {
  /** Without the byte order mark of the file. */
  readonly text: string;
  /** That of the file. */
  readonly encoding: string;
  /** How much of the file was read before it, in bytes. */
  readonly start: number;
  /** How much has been read with it, in bytes. */
  readonly end: number;
}

/** How much is read at once, in bytes. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Reads an open file. Text is UTF-8, or UTF-16 with a byte order mark; bytes that are neither become U+FFFD.
 *
 * Guarantees: holds one piece in memory, and reads the next when it is asked for.
 *
 * @throws the reason of `signal`, when that is aborted before a piece is read
 */
export async function* textChunks(
  handle: FileHandle,
  signal: AbortSignal,
): AsyncGenerator<TextChunk, void, undefined> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  let start = 0;
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES);
    const chunk = buffer.subarray(0, bytesRead);
    decoder ??= new TextDecoder(encodingOf(chunk));
    const { encoding } = decoder;
    const end = start + bytesRead;
    yield { text: decoder.decode(chunk, { stream: bytesRead > 0 }), encoding, start, end };
    if (bytesRead === 0) {
      return;
    }
    start = end;
  }
}
