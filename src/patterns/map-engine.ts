/** What runs the tasks of a `map`: one of two, which do the same (`map-fast.ts`, `map-full.ts`). */
import type { ContextRunner } from "../core/context.ts";
import type { TaskFailure } from "../core/errors.ts";
import type { Report } from "../core/report/report.ts";
import type { Outbox } from "./map-outbox.ts";
import type { MapFunction, MapSource } from "./map-options.ts";
import type { MapSettings } from "./map-settings.ts";

/** Why a run stopped before everything was done. The first cause counts. */
export type StopCause =
  /** A task failed, with `failure: "stop"`. */
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "source"; readonly error: unknown }
  | { readonly kind: "cancelled"; readonly reason: unknown }
  /** The deadline passed, or the run could not begin. */
  | { readonly kind: "ended"; readonly error: unknown }
  /** The reader wants no more. */
  | { readonly kind: "left"; readonly reason: unknown };

/** How a run ended. */
export interface MapEnd {
  /** Absent when everything was done. */
  readonly cause: StopCause | undefined;
  /** What the source threw: while it was read, or while it was closed early. */
  readonly sourceError: { readonly error: unknown } | undefined;
  /** Failures of tasks, the first to happen first, those that were told as outcomes too where one of them stopped the run. */
  readonly failures: readonly TaskFailure[];
}

/** Pulls items, runs tasks, puts results into the outbox. */
export interface MapEngine {
  begin(): void;
  /** The reader has taken something: there may be room. */
  resume(): void;
  /** Asks everything to stop. A second call does nothing. */
  stop(cause: StopCause): void;
  readonly report: Report;
}

/** What an engine works with. */
export interface EngineOptions {
  readonly settings: MapSettings;
  readonly source: MapSource<unknown>;
  readonly fn: MapFunction<unknown, unknown>;
  readonly keyOf: (index: number) => string;
  readonly outbox: Outbox;
  /** The context in which the run was made: tasks and the source run in it. */
  readonly context: ContextRunner | undefined;
  /** Called once, when everything has stopped and the source is closed. */
  readonly onEnd: (end: MapEnd) => void;
}

/** The error that made a run stop, for the signals of what runs. */
export function reasonOf(cause: StopCause): unknown {
  return cause.kind === "cancelled" || cause.kind === "left" ? cause.reason : cause.error;
}
