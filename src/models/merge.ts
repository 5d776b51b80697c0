/** `merge`: one value from those of several sources, without a model. */
import { believed, checkStrategy, type Claim, type ConflictStrategy } from "./conflict.ts";
import { numericConsensus, type NumericConsensus } from "./numeric-consensus.ts";
import { canonical, isPlainObject, pointerTo } from "./plain-data.ts";
import {
  checkResults,
  coverageOf,
  type MissingResult,
  type SourceResult,
  type SourceResults,
} from "./source-result.ts";

/** What is merged, and how. */
export interface MergeOptions<T = unknown> {
  /** What the sources say: plain data. Null and undefined fields say nothing. */
  readonly results: readonly SourceResult<T>[];
  /** The sources that say nothing. @defaultValue none */
  readonly failed?: readonly MissingResult[] | undefined;
  /** Who is believed where fields contradict each other: one strategy for all, or one by the JSON Pointer of the field. @defaultValue "report-both" */
  readonly conflict?: ConflictStrategy | ((path: string) => ConflictStrategy) | undefined;
  /** Whether lists are united, or are values of which one is believed. @defaultValue "union" */
  readonly lists?: "union" | "conflict" | undefined;
  /** Whether the median of numbers is taken, or one of them is believed. @defaultValue "conflict" */
  readonly numbers?: "median" | "conflict" | undefined;
}

/** A field on which sources contradict each other. */
export interface MergeConflict {
  /** Where: a JSON Pointer, empty for the whole value. */
  readonly path: string;
  /** The different values, in the order of the first source that gives each. */
  readonly claims: readonly Claim[];
  /** The one that is believed; undefined where nobody is. */
  readonly believed: Claim | undefined;
}

/** A number on which several sources were heard. */
export interface MergedNumber extends NumericConsensus {
  /** Where: a JSON Pointer. */
  readonly path: string;
}

/** One value, and how sure it is. */
export interface Merged<T = unknown> {
  /** All that is known and believed. A field on which nobody is believed is absent. */
  readonly value: Partial<T> | undefined;
  /** By field, in the order of the value. */
  readonly conflicts: readonly MergeConflict[];
  /** With `numbers: "median"`: the fields with a number from two sources or more. */
  readonly numbers: readonly MergedNumber[];
  /** The sources that are missing, as given. */
  readonly gaps: readonly MissingResult[];
  /** Which share of the sources is there, from 0 to 1. */
  readonly coverage: number;
}

/**
 * Makes one value from those of several sources, field by field: objects are merged, lists united, and where values differ, `conflict`
 * says who is believed.
 *
 * Guarantees: the same results in the same order give the same value; a field that only one source has, or on which all agree, is
 * kept as it is; every contradiction is in `conflicts`, also those that were resolved. Items of lists are the same when they are deeply
 * equal; they stand in the order of their first source.
 *
 * Does not guarantee that "39.90" and 39.9 are found to be the same: make values uniform before.
 *
 * @throws `TypeError` when a key is there twice, or there is no such strategy; `RangeError` when a confidence is not from 0 to 1.
 * @example
 * ```ts
 * import { merge } from "fanfold/models";
 *
 * const { value, conflicts } = merge({
 *   results: [
 *     { key: "shop", value: { price: 39.9, colours: ["red"] } },
 *     { key: "market", value: { price: 42.5, colours: ["red", "blue"] } },
 *     { key: "forum", value: { price: 39.9 } },
 *   ],
 *   conflict: "majority",
 * });
 * console.log(value, conflicts.length);
 * ```
 */
export function merge<T>(options: MergeOptions<T> | SourceResults<T>): Merged<T> {
  const { results, failed = [], conflict = "report-both", ...rest }: MergeOptions<T> = options;
  const { lists = "union", numbers = "conflict" } = rest;
  checkResults("Cannot merge", { results, failed });
  const merging = new Merging({
    strategyAt: typeof conflict === "function" ? conflict : () => conflict,
    unites: lists === "union",
    averages: numbers === "median",
  });
  if (typeof conflict !== "function") {
    checkStrategy(conflict);
  }
  const value = merging.merge("", results);
  return {
    value: value as Partial<T> | undefined, // Made of parts of the values alone.
    conflicts: merging.conflicts,
    numbers: merging.numbers,
    gaps: failed,
    coverage: coverageOf(results.length, failed.length),
  };
}

interface MergeSettings {
  readonly strategyAt: (path: string) => ConflictStrategy;
  readonly unites: boolean;
  readonly averages: boolean;
}

/** One call of {@link merge}. */
class Merging {
  readonly conflicts: MergeConflict[] = [];
  readonly numbers: MergedNumber[] = [];
  readonly #settings: MergeSettings;

  constructor(settings: MergeSettings) {
    this.#settings = settings;
  }

  /** The value at a path; undefined where no source says anything, or nobody is believed. */
  merge(path: string, results: readonly SourceResult[]): unknown {
    const { unites, averages } = this.#settings;
    const said = results.filter(({ value }) => value !== undefined && value !== null);
    const values = said.map(({ value }) => value);
    if (values.length === 0) {
      return undefined;
    }
    if (values.every(hasFields)) {
      return this.#mergeObjects(path, said as readonly SourceResult<Record<string, unknown>>[]); // Every value is one.
    }
    if (unites && values.every((value) => Array.isArray(value))) {
      return union(values);
    }
    if (averages && values.every((value) => Number.isFinite(value))) {
      return this.#mergeNumbers(path, values as readonly number[]); // Nothing else is finite.
    }
    return this.#choose(path, claimsOf(said));
  }

  #mergeObjects(
    path: string,
    results: readonly SourceResult<Readonly<Record<string, unknown>>>[],
  ): unknown {
    const keys = new Set(results.flatMap(({ value }) => Object.keys(value)));
    const fields = [...keys].map((key): [string, unknown] => {
      const own = results
        .filter(({ value }) => Object.hasOwn(value, key))
        .map((result) => ({ ...result, value: result.value[key] }));
      return [key, this.merge(pointerTo(path, key), own)];
    });
    return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
  }

  #mergeNumbers(path: string, numbers: readonly number[]): number {
    const consensus = numericConsensus(numbers);
    if (numbers.length > 1) {
      this.numbers.push({ path, ...consensus });
    }
    return consensus.median;
  }

  #choose(path: string, claims: readonly Claim[]): unknown {
    const [only] = claims;
    if (claims.length === 1) {
      return only?.value;
    }
    const winner = believed(claims, this.#settings.strategyAt(path));
    this.conflicts.push({ path, claims, believed: winner });
    return winner?.value;
  }
}

/** What JSON writes in a way of its own, such as a date, is a value like a text. */
function hasFields(value: unknown): boolean {
  return isPlainObject(value) && typeof value["toJSON"] !== "function";
}

function union(lists: readonly unknown[][]): readonly unknown[] {
  const items = new Map<string, unknown>();
  for (const item of lists.flat()) {
    const own = canonical(item);
    if (!items.has(own)) {
      items.set(own, item);
    }
  }
  return [...items.values()];
}

/** The different values, each with all who give it. */
function claimsOf(results: readonly SourceResult[]): readonly Claim[] {
  const groups = new Map<string, SourceResult[]>();
  for (const result of results) {
    const own = canonical(result.value);
    const group = groups.get(own) ?? [];
    group.push(result);
    groups.set(own, group);
  }
  return [...groups.values()].map((group) => ({
    value: group[0]?.value,
    keys: group.map(({ key }) => key),
    atMs: greatest(group.map(({ atMs }) => atMs)),
    confidence: greatest(group.map(({ confidence }) => confidence)),
  }));
}

function greatest(numbers: readonly (number | undefined)[]): number | undefined {
  // Not spread into one call: there may be more than it takes.
  return numbers.reduce((most, each) =>
    most === undefined || (each ?? most) > most ? each : most,
  );
}
