/** What calls of models took, in words. */
import { figuresOf } from "../models/describe-spent.ts";
import type { ModelSpent } from "../models/meter.ts";

/** What there was, such as `2 steps`, with tokens and money; what is not known of those is left out. */
export function describeSpent(what: string, spent: ModelSpent): string {
  const { tokens, usd } = figuresOf(spent);
  return [what, tokens, usd].filter((each) => each !== undefined).join("; ");
}
