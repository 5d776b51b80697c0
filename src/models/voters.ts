/** Who answers a question: several models, several prompts, or one model several times. */
import type { Model } from "./model.ts";

/** One who answers. */
export interface Voter {
  /** What results call it. @defaultValue the name of its model */
  readonly name?: string | undefined;
  /** Who is asked. @defaultValue one of `models`, by turns; else `model` */
  readonly model?: Model | undefined;
  /** What it is to look at, at the end of the prompt. @defaultValue nothing in particular */
  readonly perspective?: string | undefined;
  /** How much is left to chance, from 0. @defaultValue that of the options */
  readonly temperature?: number | undefined;
}

/** Who answers: one model at the least. */
export interface VoterOptions {
  readonly model?: Model | undefined;
  /** An ensemble: sample number `n` asks number `n`, and begins again at the end. @defaultValue `model` */
  readonly models?: readonly Model[] | undefined;
  /** Different voters, by turns like `models`. @defaultValue all the same */
  readonly voters?: readonly Voter[] | undefined;
  /** How much is left to chance, from 0. Without any, samples of one model say the same. @defaultValue that of the service */
  readonly temperature?: number | undefined;
}

/** A voter of whom everything is known. */
export interface KnownVoter {
  readonly name: string;
  readonly model: Model;
  readonly perspective: string | undefined;
  readonly temperature: number | undefined;
}

/**
 * Who answers, each once: sample number `n` asks number `n`, and begins again at the end.
 *
 * @throws `TypeError` when a voter has no model.
 */
export function votersOf(options: VoterOptions): readonly KnownVoter[] {
  const { model, models = [], voters = [], temperature } = options;
  const count = Math.max(voters.length, models.length, 1);
  return Array.from({ length: count }, (_none, index) => {
    const voter = voters[index % Math.max(1, voters.length)] ?? {};
    const own = voter.model ?? models[index % Math.max(1, models.length)] ?? model;
    if (own === undefined) {
      throw new TypeError(
        `Cannot ask voters as each needs a model, of "model", "models" or its own: ${voter.name ?? `number ${index}`}`,
      );
    }
    return {
      name: voter.name ?? own.name,
      model: own,
      perspective: voter.perspective,
      temperature: voter.temperature ?? temperature,
    };
  });
}
