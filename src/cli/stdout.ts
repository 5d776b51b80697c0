/** Watches over standard output while a run goes on: who else writes to it, and whether anybody reads it. */

/** What to do about standard output. */
export interface StdoutOptions {
  /** Called when nobody reads it any more. */
  readonly onClosed: () => void;
  /** Takes what others in this process, such as modules of a plan, write to it. @defaultValue it is written as it is */
  readonly divert: ((text: string) => void) | undefined;
}

/** The watch over standard output. */
export interface StdoutWatch {
  /** Whether its reader has gone. */
  readonly isClosed: boolean;
  /** Ends the diversion. The stream stays safe to write to. */
  restore(): void;
}

/** The exit code when the reader of standard output has gone: 128 and the number of SIGPIPE. */
export const EXIT_PIPE = 141;

/** Ends this process when standard output cannot be written to, for a command that does nothing but print. */
export function exitWithStdout(): void {
  process.stdout.once("error", (error: NodeJS.ErrnoException) => {
    tellUnlessClosed(error);
    process.exit(EXIT_PIPE);
  });
}

/** Begins the watch. */
export function watchStdout({ onClosed, divert }: StdoutOptions): StdoutWatch {
  const { stdout } = process;
  let isClosed = false;
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (!isClosed) {
      isClosed = true;
      tellUnlessClosed(error);
      onClosed();
    }
  });
  const own = Object.getOwnPropertyDescriptor(stdout, "write");
  if (divert !== undefined) {
    const decoder = new TextDecoder();
    const write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
      divert(typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true }));
      const done = rest.find((each) => typeof each === "function");
      done?.();
      return !stdout.writableNeedDrain; // It may be where that went.
    };
    Object.defineProperty(stdout, "write", { value: write, configurable: true, writable: true });
  }
  return {
    get isClosed() {
      return isClosed;
    },
    restore: () => {
      if (divert !== undefined) {
        Reflect.deleteProperty(stdout, "write");
        if (own !== undefined) {
          Object.defineProperty(stdout, "write", own);
        }
      }
    },
  };
}

/** That the reader has gone is nothing to tell it. */
function tellUnlessClosed({ code, message }: NodeJS.ErrnoException): void {
  if (code !== "EPIPE") {
    process.stderr.write(`Cannot write to standard output: ${message}\n`);
  }
}
