/** Checks fields of a file of servers, ours and those of other hosts. Values are never repeated: they may be secrets. */
import { didYouMean } from "../../core/suggest.ts";
import { fieldOf } from "./own-fields.ts";
import type { Field, ServerFields } from "./server-fields.ts";

/** What is wrong with a field. */
export interface Complaint {
  readonly name: string;
  readonly text: string;
  /** There is no such field; its value is not what it has to be; or it is not honoured. */
  readonly kind: "unknown" | "wrong" | "refused";
}

/** What the fields of a place come to. */
export interface FieldsCheck {
  readonly complaints: readonly Complaint[];
  /** Those that are passed over, with what there is in place of them. */
  readonly ignored: readonly string[];
}

/** Checks the fields of a place; `names` lead to it, such as a server and `fanfold`. */
export function checkFields(
  data: Readonly<Record<string, unknown>>,
  fields: ServerFields,
  names: readonly (string | number)[],
): FieldsCheck {
  const complaints: Complaint[] = [];
  const ignored: string[] = [];
  for (const [name, value] of Object.entries(data)) {
    const where = JSON.stringify([...names, name].join("."));
    const field = fieldOf(fields, name);
    switch (field?.kind) {
      case undefined:
        complaints.push({ name, text: unknownField(name, fields, names), kind: "unknown" });
        break;
      case "own":
      case "alias":
        if (!field.isRight(value)) {
          complaints.push({ name, text: `${where} must be ${field.rule}`, kind: "wrong" });
        }
        break;
      case "ignored":
        ignored.push(field.instead === undefined ? name : `${name} (use ${field.instead})`);
        break;
      case "refused":
        if (!asksForNothing(value)) {
          complaints.push({
            name,
            text: `${where} cannot be used as ${field.why}`,
            kind: "refused",
          });
        }
        break;
    }
  }
  return { complaints, ignored };
}

/** Whether a value asks for nothing, as `false` and what is empty do: some hosts write all fields that there could be. */
function asksForNothing(value: unknown): boolean {
  return (
    value === false ||
    value === null ||
    value === "" ||
    (typeof value === "object" && Object.keys(value).length === 0)
  );
}

function unknownField(
  name: string,
  fields: ServerFields,
  names: readonly (string | number)[],
): string {
  const namesOf = (...kinds: readonly Field["kind"][]): readonly string[] =>
    Object.entries(fields).flatMap(([each, { kind }]) => (kinds.includes(kind) ? each : []));
  const where = names.length === 0 ? "The file" : `"${names.join(".")}"`;
  const hint =
    didYouMean(name, namesOf("own", "alias")) || `; it may have ${namesOf("own").join(", ")}`;
  return `${where} has no field "${name}"${hint}`;
}
