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

/** What one that reads or writes a resource does at those above. */
export function intentionOf(mode: Mode): Mode {
  return mode === WRITE ? INTENDS_WRITE : INTENDS_READ;
}

/** Whether one mode adds nothing to another that the same task has at the same resource. */
export function isImplied(mode: Mode, by: Mode): boolean {
  return mode === by || mode === INTENDS_READ || by === WRITE;
}
