/** Traces as calls with claims, by who says what they touch. */
import { NOTHING, type Call, type Claims, type Edge } from "./call.ts";
import type { Replay } from "./contest.ts";
import { declaredBy, type Declarations } from "./declarations.ts";
import { readPythonCall } from "./python-call.ts";
import { orderOnly, withGiftCards, withRefunds } from "./retail.ts";
import { asOneResource, simulatorOf, withoutSession } from "./simulators.ts";
import type {
  NestedCalls,
  RetailCall,
  RetailTask,
  SimulatorCall,
  SimulatorTurn,
} from "./traces.ts";

/** Who says what a retail call touches. */
export type RetailClaims =
  | "recorded, a scan reads all below"
  | "recorded, a scan of all reads keys"
  | "by hand, refunds to all users"
  | "by hand, refunds to gift cards"
  | "by hand, no refunds";

/** Who says what a call of a simulator touches. */
export type SimulatorClaims =
  | "recorded conflicts"
  | "by hand, one resource a simulator"
  | "by hand, fine"
  | "by hand, no session";

/** One task as one response. */
export function replayOfRetail(task: RetailTask): Replay<RetailClaims> {
  const { calls, conflictEdges } = task;
  const effects = calls.map(withKeys);
  return {
    kinds: calls.map(({ kind }) => kind),
    truth: conflictEdges,
    effects,
    claims: {
      "by hand, no refunds": calls.map((call) => byAuthor(orderOnly, call)),
      "by hand, refunds to all users": calls.map((call) => byAuthor(withRefunds, call)),
      "by hand, refunds to gift cards": calls.map((call) => byAuthor(withGiftCards, call)),
      "recorded, a scan reads all below": calls.map(literal),
      "recorded, a scan of all reads keys": effects,
    },
  };
}

/** One turn as one response. */
export function replayOfSimulators({
  calls,
  conflictEdges,
}: SimulatorTurn): Replay<SimulatorClaims> {
  return {
    kinds: calls.map(({ kind }) => kind),
    truth: conflictEdges,
    effects: undefined,
    claims: {
      "by hand, no session": calls.map((call) => withoutSession(byHand(call))),
      "by hand, one resource a simulator": calls.map((call) =>
        asOneResource(call.cls, byHand(call)),
      ),
      "by hand, fine": calls.map(byHand),
      "recorded conflicts": asClaims(calls.length, conflictEdges),
    },
  };
}

/** A task's calls where each comes after those whose results it uses, too. */
export function learningCalls(task: RetailTask): readonly Call[] {
  return task.calls.map((call, index) => ({
    ...withKeys(call),
    after: earlierOf(task.provenanceEdges, index),
  }));
}

/** Calls that touch nothing that is shared, each after those whose results it uses. */
export function nestedCalls({ calls, edges }: NestedCalls): readonly Call[] {
  return calls.map((_, index) => ({ ...NOTHING, after: earlierOf(edges, index) }));
}

function earlierOf(edges: readonly Edge[], index: number): readonly number[] {
  return edges.filter(([, later]) => later === index).map(([earlier]) => earlier);
}

function literal({ reads, scans, writes }: RetailCall): Claims {
  return { reads: [...reads, ...scans].map(inStore), writes: writes.map(inStore) };
}

/** A walk through all users, or all products, looks at their keys, and says by itself which of their values it reads. */
function withKeys(call: RetailCall): Claims {
  const scans = call.scans.map((path) => (path.includes("/") ? path : `${path}/keys()`));
  return literal({ ...call, scans });
}

function inStore(path: string): string {
  return `db:${path}`;
}

function byAuthor(declarations: Declarations<RetailCall["args"]>, call: RetailCall): Claims {
  return declaredBy(declarations, call.name, call.args);
}

function byHand({ cls, call }: SimulatorCall): Claims {
  const { name, args } = readPythonCall(call);
  return declaredBy(simulatorOf(cls), name, args);
}

/** Claims that conflict where the edges say so, and nowhere else: a resource for each edge. */
function asClaims(count: number, edges: readonly Edge[]): readonly Claims[] {
  return Array.from({ length: count }, (_, index) => ({
    reads: [],
    writes: edges.filter((edge) => edge.includes(index)).map(([i, j]) => `pair:${i}-${j}`),
  }));
}
