/** The shapes that several fields of a plan have. */
import { z } from "zod";
import { DURATION } from "./duration.ts";
import type { PlanValue } from "./settings.ts";

/** The names of tasks, inputs and limits. */
export const NAME = /^[A-Za-z_][\w-]*$/;

/** What {@link NAME} asks for, in words. */
export const NAME_RULE = "must begin with a letter or _ and consist of letters, digits, _ and -";

export const name = z.string().regex(NAME, NAME_RULE);
const DURATION_RULE = "must be a number and a unit, such as 500ms, 30s, 5m or 2h";

export const text = z.string().min(1, "must not be empty");
export const duration = z
  .string(DURATION_RULE)
  .regex(DURATION, DURATION_RULE)
  .describe("A number and a unit: 500ms, 30s, 5m, 2h.");
export const texts = z.union([text, z.array(text).min(1, "must not be empty")], {
  error: "must be a text or a list of texts",
});
export const scalar = z.union([z.string(), z.number(), z.boolean()], {
  error: "must be a text, a number, true or false",
});
export const count = z.int("must be a whole number from 1").min(1, "must be a whole number from 1");
export const value: z.ZodType<PlanValue> = z.lazy(() =>
  z.union(
    [z.string(), z.number(), z.boolean(), z.null(), z.array(value), z.record(z.string(), value)],
    { error: "must be a text, a number, true, false, null, a list or a mapping" },
  ),
);
