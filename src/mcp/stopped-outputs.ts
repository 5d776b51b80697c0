/** What commands have printed that were stopped with their call: that is answered before they have ended. */
import type { Fields } from "./fields-of.ts";
import type { RunOutput } from "./run-step.ts";
import type { Batch, Step } from "./step.ts";

/** The field that it is left in. No model can write it, as it is not among those of a step. */
const LEFT = "left";

/** Where a command leaves it. No plain object, so that nothing looks for references in it, or copies it. */
class LeftOutput {
  output: RunOutput | undefined;
}

/** The batch, each command of which has a place for it. */
export function withStoppedOutputs(batch: Batch): Batch {
  const places = new Map(batch.steps.map(({ id }) => [id, new LeftOutput()]));
  const placed = (step: Step): Step =>
    step.kind === "run"
      ? { ...step, fields: { ...step.fields, [LEFT]: places.get(step.id) } }
      : step;
  return { ...batch, steps: batch.steps.map(placed), inOrder: batch.inOrder.map(placed) };
}

/** Leaves what a command has printed. */
export function leaveOutput(fields: Fields, output: RunOutput): void {
  const place = fields[LEFT];
  if (place instanceof LeftOutput) {
    place.output = output;
  }
}

/** What a command has left. */
export function leftOutput(fields: Fields): RunOutput | undefined {
  const place = fields[LEFT];
  return place instanceof LeftOutput ? place.output : undefined;
}
