/** What models are asked where nobody says how often or how much. It imports nothing: estimates reckon with it without loading a pattern. */

/** How often a model is told what is wrong with its answer, and asked again. */
export const REPAIRS = 2;

/** How many responses an agent may take. */
export const AGENT_STEPS = 20;

/** How many samples of a vote there may be, of so many voters: of two that differ none has won. */
export function samplesOf(voters: number): number {
  return Math.max(3, voters);
}

/** How many tokens an answer is taken to have when none of its length is known. */
export const ANSWER_TOKENS = 500;
