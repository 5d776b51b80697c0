/** The packages under test/integrations: each holds a framework that an adapter is tested with, and is installed apart. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../integrations", import.meta.url));

export interface Integration {
  /** Its folder. */
  readonly path: string;
  readonly name: string;
  readonly isInstalled: boolean;
  /** The packages that its tests may import. */
  readonly packages: readonly string[];
}

/**
 * All of them, installed or not.
 *
 * @throws Error - when one is not installed and `CI` is set: skipped tests would go unnoticed there
 */
export function integrations(): readonly Integration[] {
  const found = readdirSync(FOLDER)
    .map((name) => join(FOLDER, name))
    .filter((path) => existsSync(join(path, "package.json")))
    .map(describePackage);
  const missing = found.find(({ isInstalled }) => !isInstalled);
  if (missing !== undefined && process.env["CI"] === "true") {
    throw new Error(
      `Cannot test test/integrations/${missing.name} as it is not installed and CI is set`,
    );
  }
  return found;
}

function describePackage(path: string): Integration {
  const { dependencies = {} } = JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as {
    readonly dependencies?: Readonly<Record<string, string>>;
  };
  const packages = Object.keys(dependencies);
  return {
    path,
    name: path.slice(FOLDER.length + 1),
    isInstalled: packages.every((name) => existsSync(join(path, "node_modules", name))),
    packages,
  };
}
