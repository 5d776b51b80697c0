/** Numbers of things, in words. */

/** `12,345`. */
export function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

/** `1 line`, `2 lines`, `12,345 lines`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}
