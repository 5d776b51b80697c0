/** A response of the model, as it passes by on its way to the SDK: in what order it has which calls, and how it ends. */

/** A call of a response. */
interface ResponseCall {
  readonly id: string;
  /** Whether it is of a wrapped tool, and not the provider's to execute. */
  readonly isOurs: boolean;
  /** Whether the SDK has decided about it, as far as is seen. */
  isClaimed: boolean;
}

/** What is told of a response that ends. */
export interface ResponseListener {
  /** It is complete, for a reason that allows tools. */
  onComplete(): void;
  /** It broke off, or ended for a reason that allows no tools. */
  onBroken(reason: unknown): void;
}

/** A response of the model. */
export class Response {
  /** Whether it is written bit by bit. */
  readonly isStream: boolean;
  /** That of the request. */
  readonly signal: AbortSignal | undefined;
  readonly #calls: ResponseCall[] = [];
  #listener: ResponseListener | undefined;
  #state: "open" | "complete" | "broken" = "open";

  constructor({ isStream, signal }: Pick<Response, "isStream" | "signal">) {
    this.isStream = isStream;
    this.signal = signal;
  }

  get isComplete(): boolean {
    return this.#state === "complete";
  }

  add(id: string, isOurs: boolean): void {
    this.#calls.push({ id, isOurs, isClaimed: false });
  }

  /** Whether it has a call of that id which nobody has claimed. */
  has(id: string): boolean {
    return this.#unclaimed(id) !== -1;
  }

  /** Takes the first call of that id which nobody has claimed: its place, from 0. */
  claim(id: string): number | undefined {
    const index = this.#unclaimed(id);
    const call = this.#calls[index];
    if (call === undefined) {
      return undefined;
    }
    call.isClaimed = true;
    return index;
  }

  /** Whether everything before a place is known for what it is: it was claimed, or concerns nobody here. */
  isKnownBefore(place: number): boolean {
    return this.#calls.slice(0, place).every(({ isOurs, isClaimed }) => isClaimed || !isOurs);
  }

  /** Whether everything so far is known for what it is. */
  get isKnown(): boolean {
    return this.isKnownBefore(this.#calls.length);
  }

  /** Whether two of its calls have one id. */
  isAmbiguous(id: string): boolean {
    return this.#calls.filter((call) => call.id === id).length > 1;
  }

  listen(listener: ResponseListener): void {
    this.#listener = listener;
  }

  complete(): void {
    if (this.#state === "open") {
      this.#state = "complete";
      this.#listener?.onComplete();
    }
  }

  break(reason: unknown): void {
    if (this.#state === "open") {
      this.#state = "broken";
      this.#listener?.onBroken(reason);
    }
  }

  #unclaimed(id: string): number {
    return this.#calls.findIndex((call) => call.id === id && !call.isClaimed);
  }
}

/** How many responses are kept whose calls the SDK has not executed, nor said why: their calls may be invalid, or wait for consent. */
const MOST_KEPT = 100;

/** The responses whose calls have not been executed yet. */
export class Responses {
  readonly #kept = new Set<Response>();

  add(response: Response): void {
    this.#kept.add(response);
    for (const oldest of this.#kept) {
      if (this.#kept.size <= MOST_KEPT) {
        return;
      }
      this.#kept.delete(oldest);
    }
  }

  delete(response: Response): void {
    this.#kept.delete(response);
  }

  /** The one response that a call of this id can be of; undefined where there is none, or more than one. */
  find(id: string): Response | undefined {
    const found = [...this.#kept].filter((response) => response.has(id));
    return found.length === 1 ? found[0] : undefined;
  }
}
