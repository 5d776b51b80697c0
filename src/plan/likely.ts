/** What is likely of a task that asks models, as its kind says. */
import { ANSWER_TOKENS, REPAIRS } from "../models/defaults.ts";
import type { ModelRequest } from "../models/model.ts";

/** A likely answer: as long as answers are taken to be of which nothing is known, at four characters to a token. */
export const LIKELY_TEXT = "likely ".repeat(ANSWER_TOKENS).slice(0, 4 * ANSWER_TOKENS);

/** How often a model is asked for data at the most. */
export const TRIES = 1 + REPAIRS;

/** What a kind says of how it would go. */
export interface Rehearsal {
  /** What a model may answer: data where the request has a schema, else a text. */
  readonly answer: (request: ModelRequest) => unknown;
  /** How many requests there may be where so many are likely. */
  readonly most: (likely: number) => number;
  /** Whether more goes in than what is known before, such as what tools return. */
  readonly isOpen?: boolean | undefined;
}
