/** Takes secrets out of files that were written as they came. */
import { createReadStream, createWriteStream } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Secret, SecretFinder } from "./find-secrets.ts";
import { redactPieces } from "./redact.ts";

/** How much of a file is looked at once, in bytes. */
const PIECE_BYTES = 1 << 20;

/** Takes secrets out of every file of a folder. Files without secrets stay as they are. */
export async function redactFolder(folder: string, finder: SecretFinder): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isFile()) {
      await redactFile(join(folder, entry.name), finder);
    }
  }
}

async function redactFile(path: string, finder: SecretFinder): Promise<void> {
  if (!(await hasSecrets(path, finder))) {
    return;
  }
  const temporary = `${path}.redacting`;
  try {
    const target = createWriteStream(temporary, { mode: 0o600, encoding: "latin1" });
    await pipeline(redactPieces(piecesOf(path), finder), target);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function hasSecrets(path: string, finder: SecretFinder): Promise<boolean> {
  let isFound = false;
  const look = (text: string): readonly Secret[] => {
    const secrets = finder.find(text);
    isFound ||= secrets.length > 0;
    return secrets;
  };
  const pieces = redactPieces(piecesOf(path), { ...finder, find: look });
  let isDone: boolean | undefined = false;
  while (!isFound && isDone !== true) {
    isDone = (await pieces.next()).done;
  }
  await pieces.return();
  return isFound;
}

/** One character a byte, so that bytes that are no text pass through unchanged. */
function piecesOf(path: string): AsyncIterable<string> {
  return createReadStream(path, { encoding: "latin1", highWaterMark: PIECE_BYTES });
}
