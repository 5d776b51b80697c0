/** How much of files a batch keeps: as much as one step would, shared equally by all of its steps that read some. */
import { LONGEST_TEXTS } from "../tools/coding/settings.ts";
import type { Fields } from "./fields-of.ts";
import type { Batch, Step } from "./step.ts";

/** The field that a share stands in. No model can write it, as it is not among those of a step. */
const SHARE = "share";

/** The batch, each step of which that reads files has its share. */
export function withTextShares(batch: Batch): Batch {
  const readers = batch.steps.filter(reads).length;
  const shared = (step: Step): Step =>
    reads(step)
      ? { ...step, fields: { ...step.fields, [SHARE]: Math.floor(LONGEST_TEXTS / readers) } }
      : step;
  return { ...batch, steps: batch.steps.map(shared), inOrder: batch.inOrder.map(shared) };
}

/** How much a step keeps of its files together, in UTF-16 units. */
export function textShareOf(fields: Fields): number {
  return Number(fields[SHARE] ?? LONGEST_TEXTS);
}

function reads({ kind }: Step): boolean {
  return kind === "read";
}
