/** Tasks that are asynchronous and do nothing: what is left is overhead. */

/** A task that does nothing. */
export type NoOperation = () => Promise<number>;

/** Functions of their own, as a program that queues work has them. */
export function makeInput(size: number): readonly NoOperation[] {
  return Array.from({ length: size }, (_, index) => async () => index);
}
