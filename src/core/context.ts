/**
 * The asynchronous context: tasks run in that of whoever added them, and a wait is attributed to the task whose code waits.
 * Found without an import, so that the kernel runs where there is no `AsyncLocalStorage`; there, tasks run in the context of
 * whoever freed their slot, and a wait counts as that of the task that started the awaited one.
 */

/** A captured context, to call functions in. */
export interface ContextRunner {
  runInAsyncScope<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    thisArg: undefined,
    ...args: A
  ): R;
}

interface Storage<T> {
  run<A extends readonly unknown[], R>(store: T, fn: (...args: A) => R, ...args: A): R;
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

/** Calls `fn` in a captured context. */
export function callIn<R>(context: ContextRunner | undefined, fn: () => R): R {
  return context === undefined ? fn() : context.runInAsyncScope(fn, undefined);
}

/** Calls `fn` in a captured context, so that {@link currentOwner} is `owner` in all that it does, also later. */
export function callAs<A, R>(
  owner: object,
  context: ContextRunner | undefined,
  fn: (argument: A) => R,
  argument: A,
): R {
  // Handed on with its argument: a closure for each attempt would be garbage a moment later.
  return context === undefined
    ? runOwned(owner, fn, argument)
    : context.runInAsyncScope(runOwned<A, R>, undefined, owner, fn, argument);
}

function runOwned<A, R>(owner: object, fn: (argument: A) => R, argument: A): R {
  return storage === undefined ? fn(argument) : storage.run(owner, fn, argument);
}

/** The owner of the code that runs now. */
export function currentOwner(): object | undefined {
  let store = storage?.getStore();
  while (store instanceof Section) {
    store = store.around;
  }
  return store;
}

/** A part of what an owner does, told apart by a mark. */
class Section {
  readonly around: object | undefined;
  readonly mark: object;

  constructor(around: object | undefined, mark: object) {
    this.around = around;
    this.mark = mark;
  }
}

/** Calls `fn`, so that {@link isMarked} tells all that it does, also later, but nothing that other owners do for it. */
export function callMarked<R>(mark: object, fn: () => R): R {
  return storage === undefined ? fn() : storage.run(new Section(storage.getStore(), mark), fn);
}

/** Whether the code that runs now was called with this mark by its own owner. */
export function isMarked(mark: object): boolean {
  let store = storage?.getStore();
  while (store instanceof Section && store.mark !== mark) {
    store = store.around;
  }
  return store instanceof Section;
}
