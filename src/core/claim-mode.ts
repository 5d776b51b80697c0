/**
 * What a claim does at a resource: it reads or writes it, or intends to read or write something below, as in hierarchical
 * locking of databases (Gray, Lorie, Putzolu and Traiger, "Granularity of Locks and Degrees of Consistency in a Shared Data
 * Base", 1976). Two claims conflict exactly where they have incompatible modes at one resource.
 */

/** A mode. Numbers, as they are indexes of lists and places of bits. */
export type Mode = 0 | 1 | 2 | 3;

export const INTENDS_READ: Mode = 0;
export const INTENDS_WRITE: Mode = 1;
export const READ: Mode = 2;
export const WRITE: Mode = 3;

const INCOMPATIBLE = [
  [WRITE],
  [READ, WRITE],
  [INTENDS_WRITE, WRITE],
  [INTENDS_READ, INTENDS_WRITE, READ, WRITE],
] as const satisfies readonly (readonly Mode[])[];

/** Which modes a mode cannot be beside. */
export function incompatibleWith(mode: Mode): readonly Mode[] {
  return INCOMPATIBLE[mode];
}

/** What a claim does at the resources above its own. */
export function intentionOf(mode: Mode): Mode {
  return mode === WRITE || mode === INTENDS_WRITE ? INTENDS_WRITE : INTENDS_READ;
}
