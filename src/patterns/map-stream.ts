/** A `map` as its reader sees it: a stream that begins when it is first read. */
import { captureContext } from "../core/context.ts";
import { SourceFailedError, TasksFailedError } from "../core/errors.ts";
import type { Report } from "../core/report/report.ts";
import { cancelledRun } from "../core/run.ts";
import type { EngineOptions, MapEnd, MapEngine, StopCause } from "./map-engine.ts";
import { LateEvents } from "./map-events.ts";
import { FastMap } from "./map-fast.ts";
import { ForEach } from "./map-for-each.ts";
import { FullMap, needsKernel } from "./map-full.ts";
import type { MapFunction, MapOptions, MapRun, MapSource } from "./map-options.ts";
import { captureOrigin, withOrigin, type Origin } from "./map-origin.ts";
import {
  AsCompleted,
  CollectedAsCompleted,
  CollectedInOrder,
  InOrder,
  type Outbox,
} from "./map-outbox.ts";
import { MapReader, type Readable } from "./map-reader.ts";
import { mapSettings, type MapSettings } from "./map-settings.ts";

/** What a stream is made of. */
export interface StreamOptions {
  readonly source: MapSource<unknown>;
  readonly fn: MapFunction<never, unknown>;
  readonly options: MapOptions<never>;
  /** Whether results are outcomes. */
  readonly settles: boolean;
  /** The function that the user has called: errors name the place. */
  readonly caller: (...args: never[]) => unknown;
  /** @defaultValue the index */
  readonly keyOf?: ((index: number) => string) | undefined;
}

/** One run of `map`, which can be read once. */
export class MapStream<T> implements MapRun<T> {
  readonly events = new LateEvents();
  readonly #settings: MapSettings;
  readonly #engineOptions: Omit<EngineOptions, "outbox" | "onEnd">;
  readonly #origin: Origin;
  #isRead = false;
  #engine: MapEngine | undefined;
  /** Why it was stopped before it began. */
  #stopped: StopCause | undefined;

  constructor({ source, fn, options, settles, caller, keyOf = String }: StreamOptions) {
    if (typeof fn !== "function") {
      throw new TypeError(`Cannot map as what is done must be a function: ${typeof fn}`);
    }
    this.#settings = mapSettings(options, settles);
    this.#origin = captureOrigin(caller);
    this.#engineOptions = {
      settings: this.#settings,
      source,
      fn: fn as MapFunction<unknown, unknown>, // Its items are those of the source.
      keyOf,
      context: captureContext(),
    };
  }

  get report(): Report {
    return (
      this.#engine?.report ?? {
        wallMs: 0,
        tasks: { completed: 0, failed: 0, cancelled: 0, skipped: 0 },
      }
    );
  }

  cancel(reason?: unknown): void {
    const cause: StopCause = { kind: "cancelled", reason };
    if (this.#engine === undefined) {
      this.#stopped ??= cause;
    } else {
      this.#engine.stop(cause);
    }
  }

  async toArray(): Promise<T[]> {
    this.#claim();
    const inOrder = this.#settings.ordered ? new CollectedInOrder() : undefined;
    const outbox = inOrder ?? new CollectedAsCompleted();
    const end = await new Promise<MapEnd>((resolve) => {
      this.#makeEngine(outbox, resolve).begin();
    });
    const error = this.#errorOf(end);
    if (error !== undefined) {
      throw error;
    }
    return outbox.all as T[]; // The function of the run made them.
  }

  async forEach(fn: (value: T) => unknown): Promise<void> {
    if (typeof fn !== "function") {
      throw new TypeError(`Cannot hand results on as forEach takes a function: ${typeof fn}`);
    }
    this.#claim();
    await new Promise<void>((resolve, reject) => {
      const each: ForEach = new ForEach(
        this.#readable(() => each.onReady()),
        fn,
        { resolve, reject },
      );
      each.begin();
    });
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    this.#claim();
    const reader: MapReader<T> = new MapReader<T>(this.#readable(() => reader.onReady()));
    return reader;
  }

  /** @throws `TypeError` when the results were asked for before. */
  #claim(): void {
    if (this.#isRead) {
      throw new TypeError(
        `Cannot read the results of "${this.#settings.name}" as they can be read once`,
      );
    }
    this.#isRead = true;
  }

  #readable(onReady: () => void): Readable {
    const outbox = this.#settings.ordered ? new InOrder(onReady) : new AsCompleted(onReady);
    return {
      outbox,
      begin: (onEnd) => this.#makeEngine(outbox, onEnd),
      errorOf: (end) => this.#errorOf(end),
      keeps: ({ cause }) => this.#settings.settles || cause === undefined,
    };
  }

  #makeEngine(outbox: Outbox, onEnd: (end: MapEnd) => void): MapEngine {
    const options = { ...this.#engineOptions, outbox, onEnd };
    const engine = needsKernel(this.#settings.options, this.events.wanted)
      ? new FullMap(options, this.events)
      : new FastMap(options);
    this.#engine = engine;
    if (this.#stopped !== undefined) {
      engine.stop(this.#stopped);
    }
    if (engine instanceof FastMap) {
      this.events.begin(undefined);
    }
    return engine;
  }

  #errorOf({ cause, sourceError, failures }: MapEnd): unknown {
    switch (cause?.kind) {
      case "cancelled":
        return cancelledRun(this.#settings.name, cause.reason);
      case "ended":
        return cause.error;
      case "failed":
        return withOrigin(new TasksFailedError(failures), this.#origin);
      case "source":
      case "left":
      case undefined:
    }
    if (sourceError !== undefined) {
      return withOrigin(new SourceFailedError(sourceError.error, failures), this.#origin);
    }
    return failures.length > 0
      ? withOrigin(new TasksFailedError(failures), this.#origin)
      : undefined;
  }
}
