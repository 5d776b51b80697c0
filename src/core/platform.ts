/**
 * The few globals of the platform that the kernel uses, as it uses them: browsers, edge runtimes and Node all have them.
 * Declared here so that the kernel compiles without the types of any one of them.
 */

declare global {
  function setTimeout(callback: () => void, delayMs: number): unknown;
  function clearTimeout(handle: unknown): void;
  function queueMicrotask(callback: () => void): void;
}

export {};
