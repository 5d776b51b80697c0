/** The work of the calls of a turn, as tasks of a run: how it is begun, and how its end comes back to the calls. */
import { claimOutside } from "../core/claims-outside.ts";
import type { WaitReason } from "../core/event.ts";
import { claimingAncestor } from "../core/held-by.ts";
import { releaseHold } from "../core/holds.ts";
import type { Kernel } from "../core/kernel.ts";
import { narrowClaims } from "../core/narrow-claims.ts";
import type { Outcome } from "../core/outcome.ts";
import type { TaskRecord } from "../core/task-record.ts";
import type { TaskSpec } from "../core/task-spec.ts";
import type { TaskContext } from "../core/task.ts";
import { claimsOf, fixedClaims, type CallClaims } from "./call-claims.ts";
import type { CallLog } from "./call-log.ts";
import { callSpec, commonSpec, tableClaims, withClaims } from "./call-spec.ts";
import type { CallState, Work } from "./call-state.ts";
import { noteOpener } from "./calls-around.ts";
import { endingOf, isTimeoutOf, timedOut, type Ending } from "./ending.ts";
import type { Tool } from "./tool.ts";
import type { ToolboxSettings } from "./toolbox-settings.ts";

/** What the works of a turn need of it. */
export interface CallWorksOptions {
  readonly settings: ToolboxSettings;
  readonly kernel: Kernel;
  /** Inside which task they are. */
  readonly parent: TaskRecord;
  readonly log: CallLog;
  /** The task whose code has opened the turn. */
  readonly opener: TaskRecord | undefined;
  /** Called when it is known how a call ended. */
  onEnd(state: CallState, ending: Ending): void;
  /** Called when work has stopped, or was abandoned. */
  onStopped(): void;
}

/** Work to begin. */
export interface NewWork {
  /** The arguments, as far as they are known. */
  readonly input: unknown;
  readonly claims: CallClaims;
  /** What holds it in its place, besides the commit. */
  readonly holds: readonly WaitReason[];
  /** The calls whose outputs it uses. */
  readonly after: readonly CallState[];
}

/** The works of a turn. */
export class CallWorks {
  readonly #options: CallWorksOptions;
  /** What all calls declare. */
  #common: TaskSpec | undefined;
  /** What each tool declares, but for claims that the arguments of a call decide. */
  readonly #specs = new Map<Tool, TaskSpec>();
  readonly #uncommitted = new Set<Work>();
  #isCommitted = false;
  #open = 0;

  constructor(options: CallWorksOptions) {
    this.#options = options;
  }

  /** What is claimed by what they are inside of; undefined where nothing is, and they may claim anything. */
  get around(): CallClaims | undefined {
    const { spec } = claimingAncestor(this.#options.parent);
    return spec.claims && { reads: spec.reads, writes: spec.writes, exclusive: spec.exclusive };
  }

  /** How many have not stopped. */
  get open(): number {
    return this.#open;
  }

  /**
   * Gives a call its place: later ones that conflict with it wait for it.
   *
   * @throws `ScopeClosedError` when the task around the turn has ended, `TypeError` or `RangeError` when a declaration is invalid.
   */
  begin(state: CallState, tool: Tool, { input, claims, holds, after }: NewWork): Work {
    const { kernel, parent, log, settings, opener } = this.#options;
    const isUncommitted = tool.effect !== "read" && !this.#isCommitted;
    const plain = this.#specOf(tool);
    const spec = fixedClaims(tool) === undefined ? withClaims(plain, claims) : plain;
    const before = after.flatMap(({ work }) => work?.record ?? []);
    const { id } = state.call;
    const { value: record, times } = log.adding(id, () =>
      kernel.add(parent, {
        key: id,
        spec,
        run: (ctx) => this.#run(work, ctx),
        after: before.map((record) => ({ record, until: "settled" })),
        holds: isUncommitted ? [...holds, "commit"] : holds,
        watchers: [{ onOutcome: (outcome) => this.#onOutcome(work, outcome) }],
      }),
    );
    noteOpener(record, opener);
    const claimedAt = settings.work.mark();
    const calls = [state];
    const work: Work = { tool, input, claims, claimedAt, record, times, calls, ending: undefined };
    state.work = work;
    this.#open += 1;
    settings.work.add();
    if (isUncommitted) {
      this.#uncommitted.add(work);
    }
    if (state.isDecided) {
      this.leave(work, undefined); // Code that was called while it was added has cancelled it.
    }
    return work;
  }

  /**
   * The arguments of work are known that came from the outputs of other calls: from now on it is in the way only of what it conflicts with.
   *
   * @throws `RangeError` when it claims what the task around the turn does not, `DeclarationError` when its tool cannot say what it claims.
   */
  fill(work: Work, input: unknown): void {
    const { kernel, settings } = this.#options;
    const claims = claimsOf(work.tool, input, settings.root);
    if (fixedClaims(work.tool) === undefined) {
      const { reads, writes } = claims;
      narrowClaims(kernel, work.record, { reads, writes, claims: tableClaims(claims) });
    }
    work.input = input;
    work.claims = claims;
    work.claimedAt = settings.work.mark();
  }

  /** One of the things has happened that hold work in its place. */
  release({ record }: Work, reason: WaitReason): void {
    releaseHold(this.#options.kernel, record, reason);
  }

  /** The response is complete: work with side effects may begin. */
  commit(): void {
    this.#isCommitted = true;
    for (const work of this.#uncommitted) {
      this.release(work, "commit");
    }
    this.#uncommitted.clear();
  }

  /** Ends work before it has begun. */
  endUnstarted(work: Work, ending: Ending): void {
    this.#end(work, ending);
    this.#options.kernel.cancel(work.record, ending.error);
  }

  /** A call does not want its work any more: it is stopped, unless others do. */
  leave(work: Work, reason: unknown): void {
    if (work.calls.every(({ isDecided }) => isDecided)) {
      this.#options.kernel.cancel(work.record, reason);
    }
  }

  #specOf(tool: Tool): TaskSpec {
    let spec = this.#specs.get(tool);
    if (spec === undefined) {
      const { settings, parent } = this.#options;
      this.#common ??= commonSpec(settings, parent.plainSpec);
      const plain = callSpec(settings, tool, this.#common);
      const fixed = fixedClaims(tool);
      spec = fixed === undefined ? plain : withClaims(plain, fixed);
      this.#specs.set(tool, spec);
    }
    return spec;
  }

  #run(work: Work, ctx: TaskContext): unknown {
    const { tool, input } = work;
    const { work: world } = this.#options.settings;
    if (work.claimedAt !== world.mark()) {
      this.#checkClaims(work);
    }
    this.#answerInTime(work, ctx);
    if (tool.effect !== "read") {
      work.endWrite ??= world.beginWrite();
    }
    return tool.run(input, ctx);
  }

  /** While a call waited, a path may have come to lead elsewhere: then it was not ordered with those that touch what it would touch. */
  #checkClaims({ tool, input, claims }: Work): void {
    const now = claimsOf(tool, input, this.#options.settings.root);
    const moved = claimOutside(tableClaims(now), tableClaims(claims));
    if (moved !== undefined) {
      throw new Error(
        `Cannot run as a path came to lead elsewhere while the call waited, to ${moved.name}: call it again`,
      );
    }
  }

  /** Answers a call whose last attempt takes too long, whether it stops or not. */
  #answerInTime(work: Work, ctx: TaskContext): void {
    const { record } = work;
    const { spec } = record;
    if (spec.timeoutMs === undefined || ctx.attempt < (spec.retry?.attempts ?? 1)) {
      return;
    }
    const { signal } = ctx;
    const onAbort = (): void => {
      if (isTimeoutOf(record, signal.reason)) {
        this.#end(work, timedOut(work.tool.name, signal.reason));
      }
    };
    signal.addEventListener("abort", onAbort, { once: true });
  }

  #onOutcome(work: Work, outcome: Outcome<unknown>): void {
    const { settings } = this.#options;
    this.#options.log.forget(work.record.id);
    this.#uncommitted.delete(work);
    work.endWrite?.();
    this.#open -= 1;
    this.#end(work, endingOf(work, outcome));
    work.input = undefined; // Outputs of other calls may be in it.
    this.#options.onStopped();
    settings.work.end();
  }

  /** It is known how work ended: later news of it is dropped. */
  #end(work: Work, ending: Ending): void {
    if (work.ending === undefined) {
      work.ending = ending;
      for (const state of work.calls) {
        this.#options.onEnd(state, ending);
      }
    }
  }
}
