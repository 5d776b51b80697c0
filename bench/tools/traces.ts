/** Calls that agents really made, read where they lie: nothing of them is copied. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Kind } from "./baselines.ts";
import type { Edge } from "./call.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Where the traces are expected: below `FANFOLD_DATA`, or beside the project. */
export const tracesPath = join(
  process.env["FANFOLD_DATA"] ?? join(ROOT, "../shared/data"),
  "tool-traces",
);

/** A task of the retail domain of τ-bench, whose tools were run on a store that noted what they touched. */
export interface RetailTask {
  readonly calls: readonly RetailCall[];
  /** Pairs whose order matters. */
  readonly conflictEdges: readonly Edge[];
  /** Pairs where the later call has an argument that the earlier one returned. */
  readonly provenanceEdges: readonly Edge[];
}

/** A call of a retail task. */
export interface RetailCall {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly kind: Kind;
  /** Paths of single values. */
  readonly reads: readonly string[];
  /** Paths of lists, or of objects that were read whole. */
  readonly scans: readonly string[];
  readonly writes: readonly string[];
}

/** A turn of the multi-turn part of the Berkeley Function Calling Leaderboard; what conflicts was found by running calls in both orders. */
export interface SimulatorTurn {
  readonly calls: readonly SimulatorCall[];
  readonly conflictEdges: readonly Edge[];
}

/** A call of a turn. */
export interface SimulatorCall {
  /** As a call in Python: `cd(folder='temp')`. */
  readonly call: string;
  readonly kind: Kind;
  /** The simulator that it belongs to. */
  readonly cls: string;
}

/** A question of NESTFUL with the calls that answer it, some with results of others as arguments. */
export interface NestedCalls {
  readonly calls: readonly {
    readonly name: string;
    readonly arguments: Readonly<Record<string, unknown>>;
    /** What others call its result. */
    readonly label: string;
  }[];
  readonly edges: readonly Edge[];
}

/** The file of each kind of traces. */
interface Files {
  readonly "tau_retail_tasks_test_groundtruth.jsonl": RetailTask;
  readonly "bfcl_multi_turn_base_turn.jsonl": SimulatorTurn;
  readonly "nestful_dag.jsonl": NestedCalls;
}

/** All traces of a file; undefined where it is absent. */
export function readTraces<Name extends keyof Files>(
  name: Name,
): readonly Files[Name][] | undefined {
  const path = join(tracesPath, name);
  if (!existsSync(path)) {
    return undefined;
  }
  const lines = readFileSync(path, "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Files[Name]); // As the README beside the files says.
}
