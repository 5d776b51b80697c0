/** Takes secrets out of files that were written as they came. */
import { createReadStream, createWriteStream } from "node:fs";
import { chmod, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { once } from "node:events";
import type { Redact } from "./redact.ts";

/** Takes secrets out of every file of a folder. Files without secrets stay as they are. */
export async function redactFolder(folder: string, redact: Redact): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isFile()) {
      await redactFile(join(folder, entry.name), redact);
    }
  }
}

async function redactFile(path: string, redact: Redact): Promise<void> {
  let hasSecrets = false;
  for await (const text of pieces(path)) {
    hasSecrets ||= redact(text) !== text;
    if (hasSecrets) {
      break;
    }
  }
  if (!hasSecrets) {
    return;
  }
  const temporary = `${path}.redacting`;
  try {
    const target = createWriteStream(temporary, { mode: 0o600, encoding: "latin1" });
    for await (const text of pieces(path)) {
      if (!target.write(redact(text), "latin1")) {
        await once(target, "drain");
      }
    }
    target.end();
    await once(target, "close");
    await chmod(temporary, 0o600);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** The file in pieces that end with a line, one character a byte, so that bytes that are no text pass through unchanged. */
async function* pieces(path: string): AsyncGenerator<string, void> {
  let rest = "";
  for await (const chunk of createReadStream(path, {
    encoding: "latin1",
    highWaterMark: 1 << 20,
  })) {
    const text = rest + String(chunk);
    const cut = text.lastIndexOf("\n") + 1;
    // A line longer than a piece is cut anywhere rather than kept in memory.
    const end = cut === 0 ? text.length : cut;
    yield text.slice(0, end);
    rest = text.slice(end);
  }
  if (rest !== "") {
    yield rest;
  }
}
