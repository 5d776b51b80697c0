/** Hands every result of a `map` to a function, one after the other. */
import { isThenable } from "../core/thenable.ts";
import type { MapEnd, MapEngine } from "./map-engine.ts";
import type { Readable } from "./map-reader.ts";
import { listen } from "./listen.ts";

/** One call of `forEach`. */
export class ForEach {
  readonly #readable: Readable;
  readonly #fn: (value: never) => unknown;
  readonly #settle: { resolve(): void; reject(error: unknown): void };
  #engine: MapEngine | undefined;
  #end: MapEnd | undefined;
  #busy = false;
  /** Whether nothing more is to be handed on. */
  #over = false;
  #thrown: { readonly error: unknown } | undefined;

  constructor(
    readable: Readable,
    fn: (value: never) => unknown,
    settle: { resolve(): void; reject(error: unknown): void },
  ) {
    this.#readable = readable;
    this.#fn = fn;
    this.#settle = settle;
  }

  begin(): void {
    this.#engine = this.#readable.begin((end) => {
      this.#end = end;
      this.#over ||= !this.#readable.keeps(end);
      this.#tellEnd();
    });
    this.#engine.begin();
  }

  /** The outbox has something. */
  onReady(): void {
    const { outbox } = this.#readable;
    if (this.#busy) {
      return;
    }
    this.#busy = true;
    while (outbox.ready && !this.#over) {
      let result: unknown;
      try {
        result = this.#fn(outbox.take() as never); // What the function of the run returned.
      } catch (error) {
        this.#leave(error);
        break;
      }
      if (isThenable(result)) {
        listen(result, this.#goOn, this.#fail);
        return;
      }
      this.#engine?.resume();
    }
    this.#busy = false;
    this.#tellEnd();
  }

  readonly #goOn = (): void => {
    this.#busy = false;
    this.#engine?.resume();
    this.onReady();
  };

  readonly #fail = (error: unknown): void => {
    this.#busy = false;
    this.#leave(error);
    this.#tellEnd();
  };

  /** The function has thrown. */
  #leave(error: unknown): void {
    this.#thrown = { error };
    this.#over = true;
    this.#engine?.stop({ kind: "left", reason: error });
  }

  #tellEnd(): void {
    if (this.#end === undefined || this.#busy || (this.#readable.outbox.ready && !this.#over)) {
      return;
    }
    const error = this.#thrown === undefined ? this.#readable.errorOf(this.#end) : undefined;
    if (this.#thrown !== undefined) {
      this.#settle.reject(this.#thrown.error);
    } else if (error === undefined) {
      this.#settle.resolve();
    } else {
      this.#settle.reject(error);
    }
  }
}
