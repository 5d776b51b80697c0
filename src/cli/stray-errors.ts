/**
 * Errors that come from outside of any task: what modules of a plan throw later, in a timer or an event, and promises that they leave rejected. No task
 * can fail by them, and without a watch they end this process.
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describeError, FanfoldError, hasCode } from "../core/errors.ts";

/** The folder of this package's code. */
const OWN_FOLDER = fileURLToPath(new URL("..", import.meta.url));

/** Where a line of a stack is: behind "at", in parentheses where it names a function. */
const PLACE = /^\s+at (?:.*\()?(?:async )?((?:file:\/\/|\/|[A-Za-z]:[\\/]).*:\d+:\d+)\)?$/;

/** An error from outside of any task, as the reason of a cancel. The error itself is the `cause`. */
export class StrayError extends Error {
  override readonly name = "StrayError";
  /** The first line of its stack that is neither of Node nor of this package, as `file:line:column`; undefined where there is none. */
  readonly place: string | undefined;

  constructor(cause: unknown) {
    const found = placesOf(cause).find(isForeign);
    const place = found === undefined ? undefined : fromHere(found);
    const shown = place === undefined ? "" : ` (${place})`;
    super(`an error came from outside of any task: ${describeError(cause)}${shown}`, { cause });
    this.place = place;
  }
}

/** What is done about errors from outside of any task. */
export interface StrayErrorOptions {
  /** Whether code of others has run in this process, from which they may come. */
  readonly canCome: () => boolean;
  /** Called with each. */
  readonly onStray: (error: StrayError) => void;
}

/** Listens to errors from outside of any task until it is told to stop. */
export interface StrayErrorWatch {
  /** The first that came. */
  readonly first: StrayError | undefined;
  stop(): void;
}

/** Begins to listen: they do not end this process any more. Errors of this package itself end it as if nobody listened. */
export function watchStrayErrors({ canCome, onStray }: StrayErrorOptions): StrayErrorWatch {
  let first: StrayError | undefined;
  const listener = (error: unknown): void => {
    if (!canCome() || isOurs(error)) {
      stop();
      setImmediate(() => {
        throw error;
      });
      return;
    }
    const stray = new StrayError(error);
    first ??= stray;
    onStray(stray);
  };
  const stop = (): void => {
    process.off("uncaughtException", listener);
    process.off("unhandledRejection", listener);
  };
  process.on("uncaughtException", listener);
  process.on("unhandledRejection", listener);
  return {
    get first() {
      return first;
    },
    stop,
  };
}

/** Whether nobody else's code had a part in it. Errors that users are to catch do not count, as modules may use this package. */
export function isOurs(error: unknown): boolean {
  const places = placesOf(error);
  return FanfoldError.isInstance(error)
    ? hasCode(error, "INTERNAL")
    : places.length > 0 && !places.some(isForeign);
}

/** The lines of a stack that are not of Node, as `file:line:column`. */
function placesOf(error: unknown): readonly string[] {
  try {
    const { stack } = error as { readonly stack?: unknown };
    const lines = typeof stack === "string" ? stack.split("\n") : [];
    return lines.flatMap((line) => {
      const [, place] = PLACE.exec(line) ?? [];
      return place === undefined ? [] : [withoutScheme(place)];
    });
  } catch {
    return []; // Whatever was thrown does not want to be looked at.
  }
}

function isForeign(place: string): boolean {
  return !place.startsWith(OWN_FOLDER);
}

function withoutScheme(place: string): string {
  if (!place.startsWith("file:")) {
    return place;
  }
  const [, url = place, position = ""] = /^(.*?)(:\d+:\d+)$/.exec(place) ?? [];
  return `${fileURLToPath(url)}${position}`;
}

/** As people read it: from the folder of this process, where it is inside of it. */
function fromHere(place: string): string {
  const path = relative(process.cwd(), place);
  return path.startsWith("..") ? place : path;
}
