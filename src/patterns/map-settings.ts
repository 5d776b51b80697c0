/** The options of a `map`, checked, with all defaults filled in. */
import { checkRunOptions } from "../core/check-run-options.ts";
import { systemClock, type Clock } from "../core/clock.ts";
import { Limit } from "../core/limits/limit.ts";
import { retryPolicy, type RetryPolicy } from "../core/retry.ts";
import type { MapOptions } from "./map-options.ts";

/** How many run at once where no number was given at all. */
const UNLIMITED = 1000;

/** What a `map` is to do. */
export interface MapSettings {
  /** As given: what the kernel is told where it runs the tasks. */
  readonly options: MapOptions<never>;
  readonly name: string;
  readonly clock: Clock;
  /** How many may run at once; of a shared limit, at the most. */
  readonly atOnce: number;
  /** How many items may be at work or wait to be read. */
  readonly window: number;
  readonly ordered: boolean;
  /** Whether results are outcomes. */
  readonly settles: boolean;
  readonly batch: number;
  readonly failure: "stop" | "continue";
  readonly timeoutMs: number | undefined;
  readonly graceMs: number;
  readonly retry: RetryPolicy | undefined;
}

/**
 * Checks what a user gave.
 *
 * @throws `TypeError` or `RangeError` that names the option, the rule and the value.
 */
export function mapSettings(options: MapOptions<never>, settles: boolean): MapSettings {
  checkRunOptions(options);
  const { order = "source", timeoutMs, graceMs = 5000, batch = Infinity, retry } = options;
  if (order !== "source" && order !== "completion") {
    throw new TypeError(`Cannot map as "order" must be "source" or "completion": ${String(order)}`);
  }
  checkNumber("timeoutMs", timeoutMs);
  checkNumber("graceMs", graceMs);
  checkNumber("deadlineMs", options.deadlineMs);
  checkNumber("agingMs", options.agingMs);
  checkInteger("lookAhead", options.lookAhead, 0);
  checkInteger("batch", options.batch, 1);
  const atOnce = slotsOf(options);
  return {
    options,
    name: options.name ?? "map",
    clock: options.clock ?? systemClock,
    atOnce,
    window: atOnce + (options.lookAhead ?? atOnce),
    ordered: order === "source",
    settles,
    batch,
    failure: options.failure ?? (settles ? "continue" : "stop"),
    timeoutMs,
    graceMs,
    retry: retryPolicy(retry),
  };
}

function slotsOf({ limit = 16, lookAhead }: MapOptions<never>): number {
  const concurrency = limit instanceof Limit ? limit.concurrency : limit;
  if (concurrency === Infinity) {
    return Math.max(1, lookAhead ?? UNLIMITED);
  }
  checkInteger("limit", concurrency, 1);
  return concurrency;
}

function checkInteger(name: string, value: number | undefined, least: number): void {
  if (value !== undefined && !(Number.isSafeInteger(value) && value >= least)) {
    throw new RangeError(
      `Cannot map as "${name}" must be an integer from ${least}: ${String(value)}`,
    );
  }
}

function checkNumber(name: string, value: number | undefined): void {
  if (value !== undefined && !(typeof value === "number" && value >= 0)) {
    throw new RangeError(`Cannot map as "${name}" must be a number from 0: ${String(value)}`);
  }
}
