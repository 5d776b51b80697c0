/** What of a plan may hold secrets by name. */
import type { Plan } from "../plan/plan.ts";
import type { PlanValue } from "../plan/settings.ts";
import { asText } from "../plan/values.ts";
import type { Environment } from "./run-record.ts";

/** The environment of this process and of every command, and the inputs. */
export function environmentsOf({ tasks, inputs }: Plan): readonly Environment[] {
  const commands = tasks
    .flatMap(({ settings, item }) => (item === undefined ? [settings] : [item.settings]))
    .flatMap((settings) => ("env" in settings ? [texts(settings.env ?? {})] : []));
  return [process.env, texts(inputs), ...commands];
}

function texts(values: Readonly<Record<string, PlanValue>>): Environment {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, asText(value)]));
}
