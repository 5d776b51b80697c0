/** One batch under way: a turn of the toolbox of the server, in its place among all calls. */
import type { Clock } from "../core/clock.ts";
import type { BoardClaims } from "../system/board-claims.ts";
import type { Toolbox } from "../tools/toolbox.ts";
import type { ToolResult } from "../tools/result.ts";
import type { CallReport, TurnReport } from "../tools/turn-report.ts";
import type { Turn } from "../tools/turn.ts";
import { EVERYTHING_ITSELF, type BatchClaims, type Places, type Queued } from "./in-place.ts";
import type { QueuedWork } from "./queue-notes.ts";
import { isDeclared } from "./run-step.ts";
import type { Batch, Step, StepKind } from "./step.ts";

/** How a batch ended. */
export interface BatchEnd<Kind extends string = StepKind> extends QueuedWork {
  readonly batch: Batch<Kind>;
  /** One for each step, in the order in which they were given; none where the batch was cancelled before its turn. */
  readonly results: readonly (ToolResult | undefined)[];
  readonly report: TurnReport | undefined;
}

/** How far work is. */
export interface Standing {
  readonly ended: number;
  readonly total: number;
  /** What runs now, by name. */
  readonly running: readonly string[];
  /** The process of another server that it waits for before it begins. */
  readonly server?: number | undefined;
}

/** What a batch is run with. */
export interface BatchSurroundings {
  readonly box: Toolbox;
  readonly places: Places;
  readonly clock: Clock;
  /** What the batch claims as a whole. */
  readonly claims: BatchClaims;
  /** What it touches, for other servers of the folder. */
  readonly touches: BoardClaims;
  /** Told of each result as it comes. */
  readonly onResult?: ((result: ToolResult) => void) | undefined;
}

/** A batch that runs, or waits for its turn. */
export class BatchRun<Kind extends string = StepKind> {
  readonly #batch: Batch<Kind>;
  readonly #box: Toolbox;
  readonly #places: Places;
  readonly #clock: Clock;
  readonly #claims: BatchClaims;
  readonly #touches: BoardClaims;
  readonly #onResult: BatchSurroundings["onResult"];
  #turn: Turn | undefined;
  #server: number | undefined;

  constructor(batch: Batch<Kind>, surroundings: BatchSurroundings) {
    const { box, places, clock, claims, touches, onResult } = surroundings;
    this.#batch = batch;
    this.#onResult = onResult;
    this.#claims = claims;
    this.#touches = touches;
    this.#box = box;
    this.#places = places;
    this.#clock = clock;
  }

  /** Runs it to its end, whatever happens to its steps. */
  async run(key: string, signal: AbortSignal): Promise<BatchEnd<Kind>> {
    const batch = this.#batch;
    const addedMs = this.#clock.now();
    const onServer = (pid: number): void => {
      this.#server = pid;
    };
    const options = { key, claims: this.#claims, touches: this.#touches, signal, onServer };
    let begun: { readonly turn: Turn; readonly queued: Queued } | undefined;
    await this.#places.run(options, async (within, queued) => {
      const turn = this.#box.turn({
        within,
        signal,
        failure: batch.failure,
        onResult: this.#onResult,
      });
      this.#turn = turn;
      begun = { turn, queued };
      for (const { id, kind, after, fields } of batch.inOrder) {
        turn.call({ id, name: kind, input: fields, after });
      }
      turn.commit();
      await turn.results();
    });
    // Out of its place: also where that was cancelled, its calls have been answered.
    return begun === undefined
      ? this.#unstarted(this.#clock.now() - addedMs)
      : await this.#endOf(begun);
  }

  async #endOf({
    turn,
    queued,
  }: {
    readonly turn: Turn;
    readonly queued: Queued;
  }): Promise<BatchEnd<Kind>> {
    const results = new Map((await turn.results()).map((result) => [result.id, result]));
    return {
      batch: this.#batch,
      results: this.#batch.steps.map(({ id }) => results.get(id)),
      report: turn.report(),
      queued,
      server: this.#server,
    };
  }

  #unstarted(waitedMs: number): BatchEnd<Kind> {
    const [batch, server] = [this.#batch, this.#server];
    const [callsMs, serversMs] = server === undefined ? [waitedMs, 0] : [0, waitedMs];
    const results = batch.steps.map(() => undefined);
    return { batch, results, report: undefined, queued: { callsMs, serversMs }, server };
  }

  /** The steps that there is something to say of. */
  get calls(): readonly CallReport[] {
    return this.#turn?.report().calls ?? [];
  }

  get standing(): Standing {
    const { calls } = this;
    const open = calls.filter(({ status }) => status === "unfinished");
    return {
      ended: calls.length - open.length,
      total: this.#batch.steps.length,
      running: open.filter(({ attempts }) => attempts > 0).map(({ id }) => id),
      server: this.#turn === undefined ? this.#server : undefined,
    };
  }
}

/** A command that declares nothing may touch anything: its batch has everything to itself. */
export function claimsOf({ steps }: Batch): BatchClaims {
  return steps.some(mayTouchAnything) ? EVERYTHING_ITSELF : "own";
}

/** Whether a step is a command that does not say what it touches. */
export function mayTouchAnything({ kind, fields }: Step): boolean {
  return kind === "run" && !isDeclared(fields);
}
