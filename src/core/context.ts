/**
 * The asynchronous context: tasks run in that of whoever added them, and a wait is attributed to the task whose code waits.
 * Found without an import, so that the kernel runs where there is no `AsyncLocalStorage`; there, tasks run in the context of
 * whoever freed their slot, and a wait counts as that of the task that started the awaited one.
 */

/** A captured context, to call functions in. */
export interface ContextRunner {
  runInAsyncScope<T>(fn: () => T): T;
}

interface Storage<T> {
  run<R>(store: T, fn: () => R): R;
  getStore(): T | undefined;
}

interface AsyncHooks {
  readonly AsyncLocalStorage: new <T>() => Storage<T>;
  readonly AsyncResource: new (type: string) => ContextRunner;
}

interface Host {
  readonly process?: { getBuiltinModule?(name: string): unknown } | undefined;
}

// The shape of the global object is that of Node; every field is checked before use.
const hooks = (globalThis as Host).process?.getBuiltinModule?.("node:async_hooks") as
  | AsyncHooks
  | undefined;

const storage: Storage<object> | undefined = hooks && new hooks.AsyncLocalStorage<object>();

/**
 * The context of the caller, to run something in later; undefined where there is none to keep. A bare resource, since
 * `AsyncLocalStorage.snapshot` costs ten times as much on Node 20.
 */
export function captureContext(): ContextRunner | undefined {
  return hooks && new hooks.AsyncResource("fanfold");
}

/** Runs `fn` so that {@link currentOwner} is `owner` in all that it does, also later. */
export function runAs<T>(owner: object, fn: () => T): T {
  return storage === undefined ? fn() : storage.run(owner, fn);
}

/** The owner of the code that runs now. */
export function currentOwner(): object | undefined {
  return storage?.getStore();
}
