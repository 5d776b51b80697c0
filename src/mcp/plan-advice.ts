/** What is said of a plan before it runs. */
import { formatDuration } from "../core/format-duration.ts";
import { advise } from "../plan/check-plan.ts";
import type { Plan } from "../plan/plan.ts";
import { counted } from "../core/counted.ts";
import { EVERYTHING_ITSELF } from "./in-place.ts";
import { planClaims } from "./plan-claims.ts";

/** How many entries of a list are told. */
const MOST_LINES = 40;

/** What runs beside what, why not more, and what is unsafe. Nothing runs. */
export function describePlan(plan: Plan): string {
  const { beside, heldApart, unsafe, prediction } = advise(plan, new Map());
  const lines = [
    `${plan.file}: ${counted(plan.tasks.length, "task")}, nothing wrong. Nothing was run.`,
    ...plan.tasks.map(({ name, after }, index) => {
      const others = index < MOST_LINES ? beside.names(index) : []; // Lines beyond that are only counted.
      const order = after.length === 0 ? "" : `; after ${after.map(({ task }) => task).join(", ")}`;
      return `${name}: ${others.length === 0 ? "alone" : `beside ${others.join(", ")}`}${order}`;
    }),
    ...heldApart.map(
      ({ first, second, conflict }) => `${first}, then ${second}: both touch ${conflict.resource}`,
    ),
    ...unsafe.map(
      ({ task, writers }) =>
        `Unsafe: ${task} may run beside ${writers.join(", ")}; declare what it reads, or an order`,
    ),
    ...(prediction === undefined
      ? []
      : [
          `Expected: ${formatDuration(prediction.makespanMs)}; one after another ${formatDuration(prediction.sequentialMs)}.`,
        ]),
    planClaims(plan) === EVERYTHING_ITSELF
      ? "It runs alone among all calls, as a task of it does not declare what it touches."
      : "It runs beside calls that touch nothing of what its tasks declare.",
  ];
  const left = lines.length - MOST_LINES;
  return (left > 0 ? [...lines.slice(0, MOST_LINES), `… and ${left} more lines`] : lines).join(
    "\n",
  );
}
