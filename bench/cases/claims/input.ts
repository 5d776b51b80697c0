/** Tasks that write one file and read another: few writers of the same folder, many readers of the same file. */

/** A task with two claims. */
export interface ClaimingTask {
  readonly task: () => Promise<number>;
  readonly reads: string;
  readonly writes: string;
}

/** Each writes a file of its own, or one that an earlier task writes, and reads one of a thousand that nobody writes. */
export function makeInput(size: number): readonly ClaimingTask[] {
  return Array.from({ length: size }, (_, index) => ({
    task: async () => index,
    reads: `file:/repo/docs/${index % 89}/${index % 1000}.md`,
    writes: `file:/repo/src/${index % 97}/${index % 4000}.ts`,
  }));
}
