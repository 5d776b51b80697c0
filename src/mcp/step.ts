/** A step of a batch: one thing to do, as it is handed to the toolbox. */

/** What a step does. The field of that name says with what. */
export type StepKind = "read" | "search" | "list" | "fetch" | "run" | "edit" | "write";

/** The kinds in the order in which they are told of. */
export const KINDS: readonly StepKind[] = [
  "read",
  "search",
  "list",
  "fetch",
  "run",
  "edit",
  "write",
];

/** The kinds that change nothing. */
export const READING_KINDS: readonly StepKind[] = ["read", "search", "list", "fetch"];

/** A step that has been read and checked. */
export interface Step<Kind extends string = StepKind> {
  /** As it was given, else its number in the batch, from 1. */
  readonly id: string;
  readonly kind: Kind;
  /** The steps that it comes after, besides those that it refers to. */
  readonly after: readonly string[];
  /** Its fields but for `id` and `after`; references stand where they stood. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Steps that were given together. */
export interface Batch<Kind extends string = StepKind> {
  /** In the order in which they were given. */
  readonly steps: readonly Step<Kind>[];
  /** The same in an order in which each comes after those that it has to. */
  readonly inOrder: readonly Step<Kind>[];
  /** What a step that fails does to the others. */
  readonly failure: "continue" | "stop";
}
