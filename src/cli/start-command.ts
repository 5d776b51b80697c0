/** How others start this installation of the package. */
import { dirname, sep } from "node:path";
import { isWithin } from "../system/real-path.ts";

/** An installation. */
export interface Installation {
  /** Its `main.js`, without links. */
  readonly main: string;
  /** The folder that it was called in. */
  readonly cwd: string;
  readonly version: string;
  /** The Node that it runs on. */
  readonly node: string;
}

const FOLDER = "node_modules";

/** Where npx keeps packages that are installed nowhere. */
const NPX_FOLDER = "_npx";

/**
 * A program and its arguments, to which those of a command can be added.
 *
 * - Installed in the project: through npx, which finds it there, so that the same words serve everybody who works on the project.
 * - Called through npx alone: through npx, in this version. What npx keeps may go at any time.
 * - Otherwise, as after `npm i -g`: by absolute paths, which need no `PATH` and no network, and hold as long as Node and the package stay
 *   where they are.
 */
export function startCommand({ main, cwd, version, node }: Installation): readonly string[] {
  const names = main.split(sep);
  if (names.includes(NPX_FOLDER)) {
    return ["npx", "-y", `fanfold@${version}`];
  }
  const outermost = names.indexOf(FOLDER);
  const project = outermost < 0 ? dirname(main) : names.slice(0, outermost).join(sep);
  return outermost >= 0 && isWithin(cwd, project) ? ["npx", "-y", "fanfold"] : [node, main];
}
