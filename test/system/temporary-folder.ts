/** A folder for the files of a test. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach } from "vitest";

/** Gives each test of a file an empty folder, and removes it afterwards. Its path has no links. */
export function temporaryFolder(): TemporaryFolder {
  const folder = new TemporaryFolder();
  beforeEach(() => {
    folder.path = realpathSync(mkdtempSync(join(tmpdir(), "fanfold-test-")));
  });
  afterEach(() => rmSync(folder.path, { recursive: true, force: true }));
  return folder;
}

class TemporaryFolder {
  path = "";

  /** The absolute path of what lies in it. */
  at(name: string): string {
    return join(this.path, name);
  }

  /** Writes a file, and the folders above it; returns its absolute path. */
  write(name: string, content: string | Uint8Array = ""): string {
    mkdirSync(dirname(this.at(name)), { recursive: true });
    writeFileSync(this.at(name), content);
    return this.at(name);
  }

  /** Runs git in it, without the variables by which a hook, where it runs the tests, names its own repository. */
  git(...args: readonly string[]): void {
    const env = Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_"));
    execFileSync("git", args, { cwd: this.path, env: Object.fromEntries(env), stdio: "ignore" });
  }
}
