/** Tasks that write one file and read another, in few folders. */

/** A task with two claims. */
export interface ClaimingTask {
  readonly task: () => Promise<number>;
  readonly reads: string;
  readonly writes: string;
}

/** Each writes a file of its own and reads one of its own that nobody writes, up to 89,000 tasks: no two claims meet. */
export function makeInput(size: number): readonly ClaimingTask[] {
  return Array.from({ length: size }, (_, index) => ({
    task: async () => index,
    reads: `file:/repo/docs/${index % 89}/${index % 1000}.md`,
    writes: `file:/repo/src/${index % 97}/${index % 4000}.ts`,
  }));
}
