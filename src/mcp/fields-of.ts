/** The fields of a step as a schema: what a tool holds them to when nothing in them is a reference any more. */
import { z } from "zod";
import type { StandardSchema } from "../tools/standard-schema.ts";
import { FIELDS, FIELDS_OF } from "./step-fields.ts";
import type { StepKind } from "./step.ts";

/** The fields of a step once they are checked and no reference is left in them. */
export type Fields = Readonly<Record<string, unknown>>;

/** The schema of the fields of a kind. */
export function fieldsOf(kind: StepKind): StandardSchema<Fields> {
  return z.record(z.string(), z.unknown()).superRefine((fields, check) => {
    for (const name of FIELDS_OF[kind]) {
      const field = FIELDS[name];
      const value = fields[name];
      if (value !== undefined && field?.isRight(value) !== true) {
        check.addIssue({ code: "custom", path: [name], message: `must be ${field?.rule}` });
      }
    }
  });
}
