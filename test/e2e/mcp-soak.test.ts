// A short soak of `fanfold mcp`, another in every run. By hand: `npm run soak -- 2000`, and with the seed that is printed the same again.
import { expect, test } from "vitest";
import { soak } from "../support/mcp-soak.ts";

test(
  "loses no result and leaves nothing behind, however it is treated",
  { timeout: 300_000 },
  async () => {
    const seed = Date.now() % 1_000_000;
    console.log(`soak of 60 batches, seed ${seed}`);
    const { batches, faults, done, lostWithServer } = await soak({ batches: 60, seed });
    expect(faults).toEqual([]);
    const sum = Object.values(done).reduce((all, each) => all + each, 0);
    expect(sum + lostWithServer).toBe(batches);
  },
);
