/** Runs calls through a toolbox, on a virtual clock. */
import { virtualClock } from "../../src/testing/index.ts";
import { toolbox, type Tool } from "../../src/tools/index.ts";
import { CALL_MS, type Call, type Interval, type Schedule } from "./call.ts";

/** How many calls run at once, at most. */
export interface ScheduleOptions {
  readonly width: number;
}

/** The arguments of a call. No two are the same, so that no call is answered with the work of another. */
interface Arguments {
  readonly index: number;
  /** The results that it uses, by reference. */
  readonly uses: readonly unknown[];
}

/** Runs the calls as those of one response, each of the same length, and tells when each of them ran. */
export async function runSchedule(
  calls: readonly Call[],
  { width }: ScheduleOptions,
): Promise<Schedule> {
  const clock = virtualClock();
  const ran: Interval[] = [];
  const callOf = (input: unknown): Call => calls[(input as Arguments).index] as Call; // Made below.
  const reads = (input: unknown): readonly string[] => callOf(input).reads;
  const writes = (input: unknown): readonly string[] => callOf(input).writes;
  const run = async (input: unknown): Promise<number> => {
    const { index } = input as Arguments;
    const startMs = clock.now();
    await new Promise<void>((resolve) => {
      clock.schedule(CALL_MS, resolve);
    });
    ran[index] = { startMs, endMs: clock.now() };
    return index;
  };
  const tools: readonly Tool[] = [
    { name: "compute", parallel: true, run },
    { name: "look", effect: "read", reads, run },
    { name: "change", reads, writes, run },
  ];
  const results = await toolbox(tools, { limit: width, clock }).run(
    calls.map((call, index) => {
      const uses = (call.after ?? []).map((each) => ({ $from: `call${each}` }));
      return { id: `call${index}`, name: toolOf(call), input: { index, uses } };
    }),
  );
  const failed = results.find(({ status }) => status !== "completed");
  if (failed !== undefined) {
    throw new Error(`Cannot trust this schedule as every call must complete: ${failed.text}`);
  }
  return ran;
}

/** What says no more than is needed: only what reads or writes has to wait for others. */
function toolOf({ reads, writes }: Call): string {
  if (writes.length > 0) {
    return "change";
  }
  return reads.length > 0 ? "look" : "compute";
}
