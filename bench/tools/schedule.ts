/** Runs calls by their claims, on a virtual clock. */
import { scope, type TaskHandle } from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";
import { CALL_MS, type Call, type Interval, type Schedule } from "./call.ts";

/** How many calls run at once, at most. */
export interface ScheduleOptions {
  readonly width: number;
}

/** Runs the calls, all known at once and each of the same length, and tells when each of them ran. */
export async function runSchedule(
  calls: readonly Call[],
  { width }: ScheduleOptions,
): Promise<Schedule> {
  const clock = virtualClock();
  const ran: Interval[] = [];
  await scope(
    (s) => {
      const handles: TaskHandle<void>[] = [];
      for (const [index, { reads, writes, after = [] }] of calls.entries()) {
        const run = async (): Promise<void> => {
          const startMs = clock.now();
          await new Promise<void>((resolve) => {
            clock.schedule(CALL_MS, resolve);
          });
          ran[index] = { startMs, endMs: clock.now() };
        };
        const before = after.flatMap((each) => handles[each] ?? []);
        handles.push(s.start(`call${index}`, { reads, writes, after: before, run }));
      }
    },
    { limit: width, clock },
  );
  return ran;
}
