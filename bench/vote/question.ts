/** A question with the answers that whoever asks it gets, in this order. */

/** One answer. */
export interface Answer {
  /** What tells it apart from others; undefined where it is none. */
  readonly key: string | undefined;
  readonly isRight: boolean;
  /** How long it took to write. */
  readonly length: number;
}

export type Question = readonly Answer[];
