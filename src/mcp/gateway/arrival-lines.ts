/** Lets those who ask for the same go on in the order in which they came, also where one of them is held up by something else. */
import { promiseAndHands } from "../../core/promise-and-hands.ts";

/** Who came for what. */
export class ArrivalLines {
  readonly #last = new Map<string, Promise<void>>();

  /** Stands in the lines of all these names. */
  enter(names: Iterable<string>): ArrivalPlace {
    const { promise: left, resolve: leave } = promiseAndHands<void>();
    const own = [...new Set(names)];
    const turn = allOf(own.flatMap((name) => this.#last.get(name) ?? []));
    // Who leaves before its turn does not let those behind pass those before.
    const gone = allOf([turn, left]);
    for (const name of own) {
      this.#last.set(name, gone);
    }
    return { turn, leave };
  }
}

/** Resolves when all have. It keeps nothing of them: each stands for all before it. */
async function allOf(promises: readonly Promise<void>[]): Promise<void> {
  await Promise.all(promises);
}

/** A place in lines. */
export interface ArrivalPlace {
  /** Resolves when all who came before, in any of the lines, have left. */
  readonly turn: Promise<void>;
  /** Lets those behind go on. */
  leave(): void;
}
