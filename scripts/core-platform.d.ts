/**
 * The few globals that the kernel uses, as it uses them: browsers, edge runtimes and Node all have them.
 * Read by `tsconfig.core.json` only, in place of the types of any one platform.
 */

declare class AbortSignal {
  private constructor();
  readonly aborted: boolean;
  // oxlint-disable-next-line typescript/no-explicit-any -- as in the platform's own types
  readonly reason: any;
  throwIfAborted(): void;
  addEventListener(
    type: "abort",
    listener: () => void,
    options?: { readonly once?: boolean },
  ): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

declare const performance: { now(): number };

declare function setTimeout(
  callback: () => void,
  delayMs: number,
): { readonly timer: unique symbol };
declare function clearTimeout(handle: ReturnType<typeof setTimeout> | undefined): void;
declare function queueMicrotask(callback: () => void): void;
