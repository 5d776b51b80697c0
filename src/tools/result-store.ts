/** Results that are too long for a model: their beginning and end, and the whole in a file. */
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errorCode, fileError } from "../system/file-error.ts";
import { makeFolder } from "../system/make-folder.ts";

/** A text that is not too long. */
export interface CappedText {
  readonly text: string;
  /** Where the whole is; undefined where this is it, or where it could not be kept. */
  readonly file: string | undefined;
}

/** How much of a short text is its beginning; the rest is its end, where commands say how they ended. */
const HEAD_SHARE = 0.6;

/** What the note in the middle takes at most, besides the path of the file, in bytes. */
const NOTE_BYTES = 300;

/** How far a cut is moved to fall between two lines, in characters. */
const LINE_REACH = 400;

/** Whether a text has more than `maxBytes` in UTF-8. */
export function isTooLong(text: string, maxBytes: number): boolean {
  // A character of UTF-16 takes three bytes at most.
  return text.length * 3 > maxBytes && Buffer.byteLength(text) > maxBytes;
}

/**
 * Cuts a text that is too long, and keeps the whole in a new file of `folder`, which only this user may read. Where that fails the text
 * says why, and the call goes on: a full disk takes the middle of a text, not the result.
 */
export async function capText(
  text: string,
  { maxBytes, folder }: { readonly maxBytes: number; readonly folder: string },
): Promise<CappedText> {
  let file: string | undefined;
  let where: string;
  try {
    file = await keep(text, folder);
    where = `the whole is in ${file}`;
  } catch (error) {
    where = `the rest could not be kept: ${fileError("write a file", folder, error).message}`;
  }
  if (Buffer.byteLength(where) > maxBytes - NOTE_BYTES) {
    where = `${headOf(Buffer.from(where), maxBytes - NOTE_BYTES)}…`; // A path may be longer than all that is allowed.
  }
  const bytes = Buffer.from(text);
  const room = Math.max(0, maxBytes - NOTE_BYTES - Buffer.byteLength(where));
  const head = headOf(bytes, Math.floor(room * HEAD_SHARE));
  const tail = tailOf(bytes, room - Math.floor(room * HEAD_SHARE));
  const left = bytes.length - Buffer.byteLength(head) - Buffer.byteLength(tail);
  const note = `[${left} of ${bytes.length} bytes are left out here; ${where}]`;
  return { text: `${head}\n${note}\n${tail}`, file };
}

async function keep(text: string, folder: string): Promise<string> {
  await makeFolder(folder);
  await ignoreFor(folder);
  const path = join(folder, `${randomUUID()}.txt`);
  await writeFile(path, text, { flag: "wx", mode: 0o600 });
  return path;
}

/** In a folder of our own nothing is to be committed. */
async function ignoreFor(folder: string): Promise<void> {
  const around = dirname(folder);
  if (basename(around) !== ".fanfold") {
    return;
  }
  try {
    await writeFile(join(around, ".gitignore"), "*\n", { flag: "wx" });
  } catch (error) {
    if (errorCode(error) !== "EEXIST") {
      throw error;
    }
  }
}

/** The longest beginning of whole characters, if possible of whole lines. */
function headOf(bytes: Buffer, most: number): string {
  let end = most;
  while (end > 0 && isInside(bytes, end)) {
    end -= 1;
  }
  const text = bytes.toString("utf8", 0, end);
  const line = text.lastIndexOf("\n");
  return line >= 0 && text.length - line <= LINE_REACH ? text.slice(0, line) : text;
}

/** The longest end. */
function tailOf(bytes: Buffer, most: number): string {
  let start = bytes.length - most;
  while (start < bytes.length && isInside(bytes, start)) {
    start += 1;
  }
  const text = bytes.toString("utf8", start);
  const line = text.indexOf("\n");
  return line >= 0 && line <= LINE_REACH ? text.slice(line + 1) : text;
}

/** Whether a cut before this byte would be in the middle of a character. */
function isInside(bytes: Buffer, at: number): boolean {
  return ((bytes[at] ?? 0) & 0xc0) === 0x80;
}
