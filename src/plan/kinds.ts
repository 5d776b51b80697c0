/** All kinds of tasks, by the name of the field that makes a task of them. */
import { command } from "./kinds/command.ts";
import { createEach } from "./kinds/each.ts";
import { http } from "./kinds/http.ts";
import { module } from "./kinds/module.ts";
import { read } from "./kinds/read.ts";
import { search } from "./kinds/search.ts";
import { write } from "./kinds/write.ts";
import type { Kind } from "./kind.ts";
import type { KindName } from "./settings.ts";
import type { TaskResult } from "./values.ts";

const kinds = { command, read, search, write, http, module, each: createEach(fieldOf) };

/** The kind of that name. */
export function kindOf(name: KindName): Kind {
  return kinds[name]; // Each is only ever handed the settings of its own kind.
}

/** A field of the result of a task. The loader has refused fields that its kind does not have. */
export function fieldOf({ kind, value }: TaskResult, field: string): unknown {
  const { fields } = kindOf(kind);
  const read = Object.hasOwn(fields, field) ? fields[field] : undefined;
  if (read === undefined) {
    throw new RangeError(`Cannot use the field "${field}" as a task of kind ${kind} has none`);
  }
  return read(value as never); // What the kind itself returned.
}

/** The default limit of each kind that has one. */
export function defaultLimits(): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(kinds).flatMap(([name, { defaultLimit }]) =>
      defaultLimit === undefined ? [] : [[name, defaultLimit]],
    ),
  );
}
