/** The results of a turn as they come, and who waits for them. */
import type { ToolResult } from "./result.ts";

/** The results that there are, in the order in which they came. */
export class Answers {
  readonly #results: ToolResult[] = [];
  #expected = 0;
  #isComplete = false;
  #waiting: (() => void)[] = [];

  /** Whether no more will come. */
  get isOver(): boolean {
    return this.#isComplete && this.#results.length === this.#expected;
  }

  /** One more is to come. */
  expect(): void {
    this.#expected += 1;
  }

  add(result: ToolResult): void {
    this.#results.push(result);
    this.#tell();
  }

  /** None is to come besides those that are expected. */
  complete(): void {
    this.#isComplete = true;
    this.#tell();
  }

  /** The result that came as the one of this number, from 0; undefined where there is none yet. */
  at(index: number): ToolResult | undefined {
    return this.#results[index];
  }

  /** Resolves when a result has come, or none will come any more. */
  async next(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Resolves when no more will come. */
  async end(): Promise<void> {
    while (!this.isOver) {
      await this.next();
    }
  }

  #tell(): void {
    for (const resolve of this.#waiting.splice(0)) {
      resolve();
    }
  }
}
