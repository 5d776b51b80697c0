/** How long calls take to begin. */
import { defineTool, toolbox } from "../../src/tools/index.ts";
import { makeTurns, measured } from "../cases/dispatch/turns.ts";

/** What is called. */
export interface EntryOptions {
  readonly calls: number;
  /** A call that writes begins when the turn is committed: that is when its clock starts. */
  readonly effect: "read" | "write";
  readonly turns: number;
}

/** For each call how long it took from `turn.call()`, or `commit()` where it writes, to the first line of the tool, in milliseconds. */
export async function entryDelays({
  calls,
  effect,
  turns,
}: EntryOptions): Promise<readonly number[]> {
  const delays: number[] = [];
  const startedAt = new Map<string, number>();
  const tool = defineTool({
    name: "measure",
    input: measured,
    effect,
    reads: ({ path }) => `db:${path}`,
    run: (_, { key }) => {
      delays.push(performance.now() - (startedAt.get(key) ?? Number.NaN));
    },
  });
  const tools = toolbox([tool], { limit: Infinity });
  for (const group of makeTurns(calls * turns, calls)) {
    const turn = tools.turn();
    for (const call of group) {
      startedAt.set(call.id, performance.now());
      turn.call(call);
    }
    if (effect === "write") {
      const committedAt = performance.now();
      group.forEach(({ id }) => startedAt.set(id, committedAt));
    }
    turn.commit();
    await turn.results();
  }
  return delays;
}
