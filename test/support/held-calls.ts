/** Calls of tools that start and end when the test says so. */
import { rig, type HeldTask, type Rig, type VirtualClock } from "../../src/testing/index.ts";

/** Calls, each a held task by its name. */
export interface HeldCalls<T> {
  readonly rig: Rig;
  /** The call of a name, whether it has started or not. */
  task(name: string): HeldTask<T>;
  /** What the tool does that is called. */
  run(name: string, signal: AbortSignal | undefined): Promise<T>;
}

/** Options of {@link heldCalls}. */
export interface HeldCallsOptions {
  readonly clock?: VirtualClock | undefined;
  /** Which go on when they are to stop. */
  readonly ignoresCancel?: ((name: string) => boolean) | undefined;
}

export function heldCalls<T = string>({
  clock,
  ignoresCancel = () => false,
}: HeldCallsOptions = {}): HeldCalls<T> {
  const held = rig({ clock });
  const tasks = new Map<string, HeldTask<T>>();
  const task = (name: string): HeldTask<T> => {
    const known = tasks.get(name) ?? held.task<T>(name, { ignoresCancel: ignoresCancel(name) });
    tasks.set(name, known);
    return known;
  };
  return {
    rig: held,
    task,
    run: async (name, signal = new AbortController().signal) => await task(name).run({ signal }),
  };
}

/** The tools of the tests of adapters: `look` reads the page that is its argument, `change` writes it, `mystery` says nothing. */
export const PAGE_TOOLS = ["look", "change", "mystery"] as const;

/** What they declare. */
export const PAGES = {
  look: { effect: "read", reads: (input: unknown) => pageOf(input) },
  change: { writes: (input: unknown) => pageOf(input) },
} as const;

function pageOf(input: unknown): string {
  return `page:${(input as { readonly page: string }).page}`;
}

/** Names of so many calls. */
export function numbered(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `call-${index + 1}`);
}
