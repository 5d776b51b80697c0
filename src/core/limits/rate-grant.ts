/** With what an attempt was let through by a limit that knows time: what it counts for, until more is known. */
import type { Amounts } from "../budget/amounts.ts";
import type { Grant, GrantEnd } from "./gate.ts";
import type { Rate } from "./rate.ts";
import type { TokenEntry } from "./token-window.ts";

/** One attempt at one limit. */
export class RateGrant implements Grant {
  readonly #rate: Rate;
  /** How many rejections the limit had taken to heart when the attempt began. */
  readonly epoch: number;
  readonly #entry: TokenEntry | undefined;
  readonly #estimate: number;
  #spent: number | undefined;
  #ended = false;

  constructor(
    rate: Rate,
    start: {
      readonly epoch: number;
      readonly entry: TokenEntry | undefined;
      readonly tokens: number;
    },
  ) {
    this.#rate = rate;
    this.epoch = start.epoch;
    this.#entry = start.entry;
    this.#estimate = start.tokens;
  }

  /** It has really taken so many, besides those told before. Until it ends it counts for its estimate at the least. */
  spend({ tokens }: Partial<Amounts>): void {
    if (tokens !== undefined) {
      this.#spent = (this.#spent ?? 0) + tokens;
      this.#correct();
    }
  }

  /** It has ended: it now counts for what it told, or for its estimate where it told nothing. */
  end(end: GrantEnd): void {
    this.#ended = true;
    this.#correct();
    this.#rate.end(this, end);
  }

  #correct(): void {
    const least = this.#ended ? 0 : this.#estimate;
    if (this.#entry !== undefined) {
      this.#rate.correct(this.#entry, Math.max(least, this.#spent ?? this.#estimate));
    }
  }
}
