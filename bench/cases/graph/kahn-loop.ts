/** The least that can run a graph of keys at a limit: counts of open dependencies and a list of who is ready (Kahn 1962). */
import type { Node } from "./input.ts";

interface Open {
  readonly key: string;
  readonly task: () => Promise<number>;
  readonly dependents: Open[];
  missing: number;
}

export function run(nodes: readonly Node[], limit: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const ready = link(nodes);
    const results = new Map<string, number>();
    let next = 0;
    let running = 0;
    const end = (node: Open, value: number): void => {
      results.set(node.key, value);
      running -= 1;
      for (const dependent of node.dependents) {
        dependent.missing -= 1;
        if (dependent.missing === 0) ready.push(dependent);
      }
      if (results.size === nodes.length) resolve(results.size);
      else startReady();
    };
    const startReady = (): void => {
      for (let node = ready[next]; running < limit && node !== undefined; node = ready[next]) {
        const started = node;
        next += 1;
        running += 1;
        started.task().then((value) => end(started, value), reject);
      }
    };
    startReady();
  });
}

/** Gives each node its dependents, and returns those that depend on nothing. */
function link(nodes: readonly Node[]): Open[] {
  const byKey = new Map<string, Open>();
  for (const { key, task, after } of nodes) {
    byKey.set(key, { key, task, dependents: [], missing: after.length });
  }
  for (const { key, after } of nodes) {
    const node = byKey.get(key);
    for (const before of after) {
      if (node !== undefined) byKey.get(before)?.dependents.push(node);
    }
  }
  return [...byKey.values()].filter(({ missing }) => missing === 0);
}
