/**
 * Adds to package-lock.json the optional platform packages which npm left out.
 *
 * npm drops an optional package from the lock file when the registry in use does not offer it (a mirror without
 * the binaries of other platforms), and `npm ci` then refuses the same lock file. Run it after
 * changing a dependency, then `npm ci`.
 */
import { readFileSync, writeFileSync } from "node:fs";

interface LockEntry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface LockFile {
  packages: Record<string, LockEntry>;
}

const LOCK_PATH = new URL("../package-lock.json", import.meta.url);
const SYSTEMS = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
];
const PROCESSORS = [
  "arm64",
  "arm",
  "ia32",
  "loong64",
  "mips64el",
  "ppc64",
  "riscv64",
  "s390x",
  "x64",
];

const lock = JSON.parse(readFileSync(LOCK_PATH, "utf8")) as LockFile;
const added = missingPackages(lock);
lock.packages = Object.fromEntries(
  Object.entries({ ...lock.packages, ...added }).sort(([a], [b]) => a.localeCompare(b, "en")),
);
writeFileSync(LOCK_PATH, `${JSON.stringify(lock, undefined, 2)}\n`);
console.log(`${Object.keys(added).length} optional packages added to package-lock.json`);

function missingPackages(file: LockFile): Record<string, LockEntry> {
  const missing: Record<string, LockEntry> = {};
  for (const parent of Object.values(file.packages)) {
    for (const [name, range] of Object.entries(parent.optionalDependencies ?? {})) {
      const path = `node_modules/${name}`;
      // Only exact versions can be written down without asking the registry.
      if (path in file.packages || !/^\d+\.\d+\.\d+/.test(range)) continue;
      missing[path] = entry(name, range, parent.dev ?? false);
    }
  }
  return missing;
}

/** Platform packages carry their platform in their name: `@scope/binding-linux-arm64-gnu`. Keys are in npm's order. */
function entry(name: string, version: string, dev: boolean): LockEntry {
  const words = name.replace(/arm-\w*eabi\w*/, "arm").split(/[/-]/);
  const cpu = PROCESSORS.filter((processor) => words.includes(processor));
  const os = SYSTEMS.filter((system) => words.includes(system));
  return {
    version,
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(dev ? { dev } : {}),
    optional: true,
    ...(os.length > 0 ? { os } : {}),
  };
}
