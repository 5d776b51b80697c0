/** Where a run was made: tasks are begun from promises, so that the stack of an error would not say it. */

/** A place in the caller's code. Its text is made only when it is read. */
export interface Origin {
  readonly stack?: string | undefined;
}

interface StackCapture {
  captureStackTrace?(target: object, below: (...args: never[]) => unknown): void;
}

/** Remembers the place from which `caller` was called; nothing where the platform cannot. */
export function captureOrigin(caller: (...args: never[]) => unknown): Origin {
  const origin: Origin = {};
  (Error as StackCapture).captureStackTrace?.(origin, caller); // Checked before use.
  return origin;
}

/** Gives an error of ours the stack of the place that started the run. */
export function withOrigin<E extends Error>(error: E, { stack }: Origin): E {
  if (stack !== undefined) {
    const frames = stack.slice(stack.indexOf("\n"));
    error.stack = `${error.name}: ${error.message}${frames}`;
  }
  return error;
}
