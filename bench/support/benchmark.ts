/** What a benchmark is: a name to call it by, and a function that prints its tables. */

/** How a benchmark is to run. */
export interface Settings {
  /** Each case once and small: to see that it works, not to measure. */
  readonly isSmoke: boolean;
}

/** One benchmark. */
export interface Benchmark {
  readonly name: string;
  /** Measures and prints. Its rows are printed whoever wins. */
  run(settings: Settings): Promise<void>;
}
