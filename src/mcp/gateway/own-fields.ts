/** Fields of a file of servers by our names, where it was written for another host. */
import { isPlainObject } from "../../tools/plain-object.ts";
import type { Field, ServerFields } from "./server-fields.ts";

type Data = Readonly<Record<string, unknown>>;

/** The fields of a place, by our names. */
export interface OwnFields {
  /** Their values, which are not checked. */
  readonly data: Data;
  /** What the file calls a field of ours. */
  nameOf(field: string): string;
  /** Fields of the file that are the same one of ours, where there can be but one. */
  readonly twins: readonly (readonly [string, string])[];
}

/** What becomes of a field; undefined where there is none of that name. */
export function fieldOf(fields: ServerFields, name: string): Field | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** Reads the fields of other hosts as ours. */
export function ownFields(given: Data, fields: ServerFields): OwnFields {
  let data = given;
  const names = new Map<string, string>();
  const twins: (readonly [string, string])[] = [];
  for (const [name, value] of Object.entries(given)) {
    const field = fieldOf(fields, name);
    if (field?.kind !== "alias") {
      continue;
    }
    const { as, toOwn, join } = field;
    const path = as.split(".");
    const earlier = valueAt(data, path);
    if (earlier !== undefined && join === undefined) {
      twins.push([names.get(as) ?? as, name]);
    }
    const later = toOwn(value);
    data = withValue(
      data,
      path,
      earlier === undefined || join === undefined ? later : join(earlier, later),
    );
    names.set(as, name);
  }
  return { data, nameOf: (field) => names.get(field) ?? field, twins };
}

function valueAt(data: unknown, [first = "", ...others]: readonly string[]): unknown {
  const value = isPlainObject(data) ? data[first] : undefined;
  return others.length === 0 ? value : valueAt(value, others);
}

/** What is no object, and would have to be, stays as it is. */
function withValue(data: Data, [first = "", ...others]: readonly string[], value: unknown): Data {
  const inner = data[first] ?? {};
  if (others.length === 0) {
    return { ...data, [first]: value };
  }
  return isPlainObject(inner) ? { ...data, [first]: withValue(inner, others, value) } : data;
}
