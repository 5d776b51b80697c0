/** What paths claim: a file or folder claims itself, a pattern the folder above its first wildcard. */
import { resolve } from "node:path";
import { fileResource } from "../system/file-resource.ts";
import { globBase } from "../system/glob.ts";

/** A path as a plan writes it. */
export interface ClaimedPath {
  /** The path, relative to the plan. May hold references. */
  readonly text: string;
  /** Whether wildcards mean something in it. */
  readonly isPattern: boolean;
  /** Whether it names another resource than a file where it begins with a scheme. */
  readonly mayBeResource: boolean;
}

/** What `reads` and `writes` declare: patterns of paths, and names of resources such as `db:users`. */
export function declaredPaths(texts: string | readonly string[]): readonly ClaimedPath[] {
  return [texts].flat().map((text) => ({ text, isPattern: true, mayBeResource: true }));
}

/** Paths in which wildcards mean something. */
export function patterns(texts: string | readonly string[]): readonly ClaimedPath[] {
  return [texts].flat().map((text) => ({ text, isPattern: true, mayBeResource: false }));
}

/** Paths that are taken as they are. */
export function plainPaths(texts: string | readonly string[]): readonly ClaimedPath[] {
  return [texts].flat().map((text) => ({ text, isPattern: false, mayBeResource: false }));
}

/** A resource of any scheme, such as `db:users`; a single letter is the drive of a path. */
const RESOURCE = /^[A-Za-z][A-Za-z0-9+.-]+:/;

/** Whether a path names another resource than a file, so that wildcards mean nothing in it. */
export function isResource({ text, mayBeResource }: ClaimedPath): boolean {
  return mayBeResource && RESOURCE.test(text);
}

/**
 * The resources that paths, patterns and names of resources stand for, relative to `folder`. What follows a reference is not known
 * yet: the folder above it is claimed, and everything where the text begins with one.
 */
export function claimsOf(paths: readonly ClaimedPath[], folder: string): readonly string[] {
  const claiming = paths.filter(({ text, isPattern }) => !isPattern || !text.startsWith("!"));
  return [...new Set(claiming.map((path) => claimOf(path, folder)))];
}

function claimOf(path: ClaimedPath, folder: string): string {
  const { text, isPattern } = path;
  const reference = text.indexOf("${{");
  if (isResource(path)) {
    const above = Math.max(text.lastIndexOf("/", reference), text.indexOf(":") + 1);
    return reference < 0 ? text : text.slice(0, above);
  }
  if (reference === 0) {
    return "file:/";
  }
  const known = reference < 0 ? text : text.slice(0, text.lastIndexOf("/", reference) + 1);
  return fileResource(resolve(folder, isPattern && known !== "" ? globBase(known) : known));
}
