/** Takes secrets out of files that were written as they came. */
import { createReadStream, createWriteStream } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Redact } from "./redact.ts";

/** How much of a file is looked at once, in bytes. */
const PIECE_BYTES = 1 << 20;

/** How much is kept for the next look, so that a secret of several lines is seen whole, in bytes. */
const KEPT_BYTES = 1 << 15;

/** Takes secrets out of every file of a folder. Files without secrets stay as they are. */
export async function redactFolder(folder: string, redact: Redact): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isFile()) {
      await redactFile(join(folder, entry.name), redact);
    }
  }
}

async function redactFile(path: string, redact: Redact): Promise<void> {
  if (!(await hasSecrets(path, redact))) {
    return;
  }
  const temporary = `${path}.redacting`;
  try {
    const target = createWriteStream(temporary, { mode: 0o600 });
    await pipeline(redactedPieces(path, redact), target);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function hasSecrets(path: string, redact: Redact): Promise<boolean> {
  let found = false;
  const look: Redact = (text) => {
    const redacted = redact(text);
    found ||= redacted !== text;
    return redacted;
  };
  const pieces = redactedPieces(path, look);
  let isDone: boolean | undefined = false;
  while (!found && isDone !== true) {
    isDone = (await pieces.next()).done;
  }
  await pieces.return();
  return found;
}

/** The file without its secrets, read one character a byte, so that bytes that are no text pass through unchanged. */
async function* redactedPieces(path: string, redact: Redact): AsyncGenerator<Buffer, void> {
  let kept = "";
  const source = createReadStream(path, { encoding: "latin1", highWaterMark: PIECE_BYTES });
  for await (const chunk of source) {
    const text = kept + String(chunk);
    const cut = endOfLastWord(text);
    const redacted = redact(text.slice(0, cut));
    const end = Math.max(0, redacted.length - KEPT_BYTES);
    yield Buffer.from(redacted.slice(0, end), "latin1");
    kept = redacted.slice(end) + text.slice(cut);
  }
  yield Buffer.from(redact(kept), "latin1");
}

/** Where no token is cut in two. A word as long as a piece is cut anywhere rather than kept in memory. */
function endOfLastWord(text: string): number {
  for (let end = text.length; end > text.length - PIECE_BYTES; end -= 1) {
    if (end === 0 || /[\s"',;]/.test(text[end - 1] ?? "")) {
      return end;
    }
  }
  return text.length;
}
