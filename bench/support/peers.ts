/** The packages to compare with, in `bench/peers`: a private package of their own, installed only by who wants to compare. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FOLDER = new URL("../peers/", import.meta.url);

/** The version of an installed peer; undefined where it is not installed. */
export function peerVersion(name: string): string | undefined {
  const manifest = new URL(`node_modules/${name}/package.json`, FOLDER);
  return existsSync(manifest)
    ? (JSON.parse(readFileSync(manifest, "utf8")) as { readonly version: string }).version // npm wrote it.
    : undefined;
}

/** The URL of the module that runs cases through a peer. */
export function peerModule(name: string, kind?: string): string {
  return new URL(`${kind === undefined ? "" : `${kind}/`}${name}.js`, FOLDER).href;
}

/** The path of a program of a peer. */
export function peerProgram(name: string): string {
  return fileURLToPath(new URL(`node_modules/.bin/${name}`, FOLDER));
}

/** Which of the peers are installed. Says in one line how to get those that are not. */
export function installedPeers<T extends string>(names: readonly T[]): readonly T[] {
  const missing = names.filter((name) => peerVersion(name) === undefined);
  if (missing.length > 0) {
    console.log(
      `Without ${missing.join(", ")}: to compare with them, run npm ci --prefix bench/peers\n`,
    );
  }
  return names.filter((name) => !missing.includes(name));
}
