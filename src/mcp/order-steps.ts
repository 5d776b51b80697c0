/** Puts steps into an order in which each comes after those that it has to, and otherwise into that in which they were given. */
import { didYouMean } from "../core/suggest.ts";
import { findReferences } from "../tools/references.ts";
import type { Step } from "./step.ts";

/** As much of a step as its place depends on. */
type Placed = Pick<Step, "id" | "after" | "fields">;

/** Steps in order, or why there is no such order. */
type Ordered<T> = { readonly steps: readonly T[] } | { readonly complaints: readonly string[] };

/** A step, and the ids that it comes after. */
interface Linked<T> {
  readonly step: T;
  readonly needs: readonly string[];
}

/** Orders steps whose ids differ. A cycle is told step by step. */
export function orderSteps<T extends Placed>(steps: readonly T[]): Ordered<T> {
  const linked = steps.map((step) => ({ step, needs: namedBy(step) }));
  const ids = steps.map(({ id }) => id);
  const complaints = linked.flatMap((each) => unknownIn(each, ids));
  if (complaints.length > 0) {
    return { complaints };
  }
  const ordered: T[] = [];
  const waiting = new Map(linked.map((each) => [each.step.id, each]));
  while (waiting.size > 0) {
    const all = [...waiting.values()];
    const next = all.find(({ needs }) => !needs.some((id) => waiting.has(id)));
    if (next === undefined) {
      const way = cycleAmong(all).join(" -> ");
      const mend = 'take one "after" or reference out';
      return { complaints: [`the steps wait for each other: ${way}; ${mend}`] };
    }
    ordered.push(next.step);
    waiting.delete(next.step.id);
  }
  return { steps: ordered };
}

/** A cycle among steps each of which comes after another of them: its ids, the first again at the end. */
function cycleAmong(waiting: readonly Linked<Placed>[]): readonly string[] {
  const way: string[] = [];
  let at = waiting[0];
  while (at !== undefined && !way.includes(at.step.id)) {
    const { needs, step } = at;
    way.push(step.id);
    at = waiting.find((each) => needs.includes(each.step.id));
  }
  const id = at?.step.id ?? "";
  return [...way.slice(way.indexOf(id)), id];
}

/** The ids that a step comes after, by `after` or by a reference. */
export function namedBy({ after, fields }: Placed): readonly string[] {
  const from = Object.values(fields).flatMap((value) => findReferences(value));
  return [...after, ...from.map((each) => String(each.from))];
}

function unknownIn({ step, needs }: Linked<Placed>, ids: readonly string[]): readonly string[] {
  return needs
    .filter((id) => !ids.includes(id))
    .map(
      (id) =>
        `step ${JSON.stringify(step.id)} names ${JSON.stringify(id)}, which is no step of this batch${didYouMean(id, ids)}`,
    );
}
