/** Whoever is told what happens, and cannot hurt what he is told of. */
import { isThenable } from "./thenable.ts";

/** An observer that is not called again once it threw, or its promise was rejected. */
export class Observer<T> {
  #observe: ((value: T) => unknown) | undefined;

  constructor(observe: ((value: T) => unknown) | undefined) {
    this.#observe = observe;
  }

  /** Whether anybody is told. */
  get isTold(): boolean {
    return this.#observe !== undefined;
  }

  tell(value: T): void {
    try {
      const result = this.#observe?.(value);
      if (isThenable(result)) {
        result.then(undefined, () => this.#forget());
      }
    } catch {
      this.#forget();
    }
  }

  #forget(): void {
    this.#observe = undefined;
  }
}
