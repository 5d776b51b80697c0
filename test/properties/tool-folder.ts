/** The folder of {@link FOLDER} on the disk, for the tests of a file. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { FOLDER } from "./tool-program.ts";

/** Makes the folder before the tests of a file, and removes it after them. */
export function toolFolder(): { readonly path: string } {
  const folder = { path: "" };
  beforeAll(() => {
    folder.path = realpathSync(mkdtempSync(join(tmpdir(), "fanfold-test-")));
    mkdirSync(join(folder.path, "dir"));
    FOLDER.files.forEach((file) => writeFileSync(join(folder.path, file), ""));
    Object.entries(FOLDER.links).forEach(([link, target]) =>
      symlinkSync(target, join(folder.path, link)),
    );
  });
  afterAll(() => rmSync(folder.path, { recursive: true, force: true }));
  return folder;
}
