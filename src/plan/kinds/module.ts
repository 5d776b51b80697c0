/** `module`: an exported function of a file, called in this process. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describeError } from "../../core/errors.ts";
import type { Kind } from "../kind.ts";
import type { ModuleSettings } from "../settings.ts";
import { didYouMean } from "../../core/suggest.ts";

/** What a function of a module is called with, after the value of `with`. */
export interface ModuleContext {
  /** The name of the task. */
  readonly key: string;
  /** Which try this is, counted from 1. */
  readonly attempt: number;
  /** Aborted when the task is to stop. */
  readonly signal: AbortSignal;
  /** Tells how far the task has come. */
  progress(progress: unknown): void;
}

export const module: Kind<ModuleSettings> = {
  defaultLimit: 8,
  fields: { value: (value: unknown) => value },
  async run({ module, with: input }, { ctx, plan, values }) {
    const [path = "", name = "default"] = module.split("#");
    const loaded = await load(resolve(plan.folder, path));
    const run = loaded[name];
    if (typeof run !== "function") {
      const hint = didYouMean(
        name,
        Object.keys(loaded).filter((each) => typeof loaded[each] === "function"),
      );
      throw new TypeError(`Cannot call "${name}" of ${path} as it exports no such function${hint}`);
    }
    const context: ModuleContext = {
      key: ctx.key,
      attempt: ctx.attempt,
      signal: ctx.signal,
      progress: (progress) => ctx.progress(progress),
    };
    const value = await values.resolve(input);
    ctx.signal.throwIfAborted(); // Loading takes its time, and hears of no cancel.
    const result: unknown = await run(value, context);
    return result ?? null;
  },
};

/** A module is an object of its exports. */
async function load(file: string): Promise<Readonly<Record<string, unknown>>> {
  if (!existsSync(file)) {
    throw new Error(`Cannot load a module as it does not exist: ${file}`);
  }
  try {
    return (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    // What Node says of a text that it cannot read does not name the file.
    throw new Error(`Cannot load ${file}: ${describeError(cause)}`, { cause });
  }
}
