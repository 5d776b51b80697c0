/**
 * Soaks the built `fanfold mcp`: `npm run soak -- 2000 7` for 2,000 batches by the seed 7. Prints what came of it, and fails where anything
 * was wrong. Linux only.
 */
import { soak } from "../test/support/mcp-soak.ts";

const [batches = "200", seed = String(Date.now() % 1_000_000)] = process.argv.slice(2);
console.log(`${batches} batches, seed ${seed}`);
const startedAt = performance.now();
const result = await soak({ batches: Number(batches), seed: Number(seed), tell: console.log });
const seconds = (performance.now() - startedAt) / 1000;
const memoryMiB = result.memoryMiB.map((each) => Math.round(each));
console.log(JSON.stringify({ seconds: Math.round(seconds), ...result, memoryMiB }, null, 1));
process.exitCode = result.faults.length === 0 ? 0 : 1;
