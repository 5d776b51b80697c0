/** Packages that Fanfold adapts to. Each has a nested package of its own under `test/integrations`, with what it needs. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FOLDER = "test/integrations";

/**
 * The nested packages that are installed. Their tests are left out where they are not, with a line that says so.
 *
 * @throws `Error` in CI, where all have to be there.
 */
export function installedIntegrations(): readonly string[] {
  const folders = readdirSync(join(ROOT, FOLDER), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${FOLDER}/${name}`)
    .filter((folder) => existsSync(join(ROOT, folder, "package.json")));
  return folders.filter((folder) => {
    const isInstalled = existsSync(join(ROOT, folder, "node_modules"));
    if (!isInstalled && process.env["CI"] !== undefined) {
      throw new Error(`Cannot test ${folder} as it is not installed: npm ci --prefix ${folder}`);
    }
    if (!isInstalled) {
      console.log(`Skipping the tests of ${folder}: npm ci --prefix ${folder}`);
    }
    return isInstalled;
  });
}
