/** All kinds of tasks, by the name of the field that makes a task of them. */
import { agent } from "./kinds/agent.ts";
import { aspects } from "./kinds/aspects.ts";
import { command } from "./kinds/command.ts";
import { condense } from "./kinds/condense.ts";
import { consensus } from "./kinds/consensus.ts";
import { createEach } from "./kinds/each.ts";
import { http } from "./kinds/http.ts";
import { model } from "./kinds/model.ts";
import { module } from "./kinds/module.ts";
import { read } from "./kinds/read.ts";
import { search } from "./kinds/search.ts";
import { sections } from "./kinds/sections.ts";
import { createSynthesize } from "./kinds/synthesize.ts";
import { write } from "./kinds/write.ts";
import type { AskedModel, Kind, ToldTask } from "./kind.ts";
import type { PlanTask } from "./plan.ts";
import type { KindName } from "./settings.ts";
import type { TaskResult } from "./values.ts";

const kinds = {
  command,
  read,
  search,
  write,
  http,
  module,
  model,
  sections,
  consensus,
  aspects,
  condense,
  synthesize: createSynthesize(answerOf),
  agent,
  each: createEach(fieldOf, answerOf),
};

/** What a task says to its kind. */
type KindSettings = Pick<PlanTask, "kind" | "settings">;

/** The kind of that name. */
export function kindOf(name: KindName): Kind {
  return kinds[name]; // Each is only ever handed the settings of its own kind.
}

/** Whether tasks of a kind ask models. */
export function asksModels(name: KindName): boolean {
  return kindOf(name).asks !== undefined;
}

/** The models that a task asks. */
export function askedBy({ kind, settings }: KindSettings): readonly AskedModel[] {
  return kindOf(kind).asks?.(settings) ?? [];
}

/** The tasks whose ends a task is told, whatever those are. */
export function toldTo({ kind, settings }: KindSettings): readonly ToldTask[] {
  return kindOf(kind).tells?.(settings) ?? [];
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

/** What a model, or a vote, is told of the result of a task; of an item that left none, null. */
export function answerOf({ kind, value }: TaskResult): unknown {
  if (value === undefined) {
    return null;
  }
  const { answer } = kindOf(kind);
  return answer === undefined ? value : answer(value as never); // What the kind itself returned.
}

/** The default limit of each kind that has one. */
export function defaultLimits(): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(kinds).flatMap(([name, { defaultLimit }]) =>
      defaultLimit === undefined ? [] : [[name, defaultLimit]],
    ),
  );
}
