/** Waiting until something has changed in a folder. */
import { watch, type FSWatcher } from "node:fs";
import { setTimeout } from "node:timers/promises";

/** Watches a folder: as far as the system tells of changes, which it need not. */
export class FolderChanges {
  readonly #watcher: FSWatcher | undefined;
  #hasChanged = false;
  #wake: AbortController | undefined;

  constructor(folder: string) {
    this.#watcher = watcherOf(folder);
    this.#watcher?.on("change", () => {
      this.#hasChanged = true;
      this.#wake?.abort();
    });
    this.#watcher?.on("error", () => this.close()); // Then only the time counts.
  }

  /**
   * Resolves when something has changed since the last call, and after `mostMs` milliseconds in any case.
   *
   * @throws the reason of `signal`, as a rejection, when that is aborted.
   */
  async next(mostMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#hasChanged) {
      const wake = new AbortController();
      this.#wake = wake;
      const either = AbortSignal.any([signal, wake.signal]);
      await setTimeout(mostMs, undefined, { signal: either }).catch(() => signal.throwIfAborted());
    }
    this.#hasChanged = false;
  }

  close(): void {
    this.#watcher?.close();
  }
}

/** Undefined where the system cannot watch any more folders, or none of this kind. */
function watcherOf(folder: string): FSWatcher | undefined {
  try {
    return watch(folder, { persistent: false });
  } catch {
    return undefined;
  }
}
