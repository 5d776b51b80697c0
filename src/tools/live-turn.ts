/**
 * A turn under way. Each call goes
 *
 * ```
 *   added -> checked -> in its place -> at work -> answered
 * ```
 *
 * and may be answered from any of these. It is in its place when its work was added to the run: from then on later calls that conflict with it
 * wait for it. What it needs from outside holds it there: outputs of other calls, an approval, the commit. Calls come into place in their
 * order, also where a schema takes its time.
 */
import type { Kernel } from "../core/kernel.ts";
import { recordOf } from "../core/task-context.ts";
import type { TaskRecord } from "../core/task-record.ts";
import { waitInside } from "../core/waits.ts";
import { Answers } from "./answers.ts";
import { CallIntake } from "./call-intake.ts";
import { CallLog, type CallNames } from "./call-log.ts";
import { CallState, timesOf } from "./call-state.ts";
import { CallWorks } from "./call-works.ts";
import { openerNow } from "./calls-around.ts";
import { isFailure, type Ending } from "./ending.ts";
import { capText, isTooLong } from "./result-store.ts";
import { cancelledText, causesOf, duplicateText } from "./result-text.ts";
import type { ToolCall, ToolResult } from "./result.ts";
import type { ToolboxSettings } from "./toolbox-settings.ts";
import { turnReport, type TurnReport } from "./turn-report.ts";
import type { Turn, TurnOptions } from "./turn.ts";

/** The calls of one response of a model. */
export class LiveTurn implements Turn {
  readonly #settings: ToolboxSettings;
  readonly #options: TurnOptions;
  readonly #kernel: Kernel;
  readonly #parent: TaskRecord;
  readonly #log: CallLog;
  readonly #works: CallWorks;
  readonly #intake: CallIntake;
  readonly #calls: CallState[] = [];
  readonly #byId = new Map<string, CallState>();
  readonly #answers = new Answers();
  #state: "open" | "committed" | "aborted" = "open";
  #committedAtMs: number | undefined;
  /** Why no more calls begin: after `abort`, or a failure under `failure: "stop"`. */
  #stopped: { readonly reason: unknown } | undefined;

  constructor(settings: ToolboxSettings, options: TurnOptions) {
    const { within, signal } = options;
    const { kernel } = settings;
    const place = within === undefined ? { kernel, record: kernel.root } : recordOf(within);
    this.#settings = settings;
    this.#options = options;
    this.#kernel = place.kernel;
    this.#parent = place.record;
    this.#log = new CallLog(place.kernel, namesIn(settings.names, place.kernel));
    this.#works = new CallWorks({
      settings,
      kernel: place.kernel,
      parent: place.record,
      log: this.#log,
      opener: openerNow(),
      onEnd: (state, ending) => this.#end(state, ending),
      onStopped: () => this.#closeIfOver(),
    });
    this.#intake = new CallIntake({
      tools: settings.tools,
      root: settings.root,
      approve: options.approve ?? settings.approve,
      works: this.#works,
      shared: settings.shared,
      find: (from) => (typeof from === "number" ? this.#calls[from - 1] : this.#byId.get(from)),
      onEnd: (state, ending) => this.#end(state, ending),
    });
    signal?.addEventListener("abort", this.#onSignal, { once: true });
    if (signal?.aborted === true) {
      this.abort(signal.reason);
    }
  }

  call(call: ToolCall): void {
    checkCall(call);
    if (this.#state === "committed") {
      throw new TypeError(
        `Cannot add call ${JSON.stringify(call.id)} as its turn was committed: a response that is complete has no more calls`,
      );
    }
    const state = new CallState(call, this.#calls.length + 1, this.#log.nowMs);
    this.#calls.push(state);
    this.#answers.expect();
    if (this.#byId.has(call.id)) {
      this.#end(state, { status: "invalid", text: duplicateText(call.id) });
      return;
    }
    this.#byId.set(call.id, state);
    const earlier = this.#options.answered?.get(call.id);
    if (earlier !== undefined) {
      state.endedAtMs = state.addedAtMs;
      this.#answer(state, earlier);
    } else if (this.#stopped !== undefined) {
      this.#cancel(state, this.#stopped.reason);
    } else {
      this.#intake.add(state);
    }
  }

  commit(): void {
    if (this.#state === "open") {
      this.#state = "committed";
      this.#committedAtMs = this.#log.nowMs;
      this.#works.commit();
      this.#answers.complete();
      this.#closeIfOver();
    }
  }

  abort(reason?: unknown): void {
    if (this.#state === "aborted") {
      return;
    }
    this.#state = "aborted";
    this.#stop(reason);
    this.#answers.complete();
    this.#closeIfOver();
  }

  cancel(id: string, reason?: unknown): void {
    const state = this.#byId.get(id);
    if (state !== undefined) {
      this.#cancel(state, reason);
    }
  }

  async result(id: string): Promise<ToolResult> {
    const state = this.#byId.get(id);
    if (state === undefined) {
      throw new TypeError(
        `Cannot wait for call ${JSON.stringify(id)} as the turn has none of that id`,
      );
    }
    return await this.#wait(state.answered);
  }

  async results(): Promise<readonly ToolResult[]> {
    await this.#wait(this.#answers.end());
    return this.#calls.map(({ result }) => result as ToolResult); // All are answered.
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ToolResult, undefined> {
    for (let index = 0; ; index += 1) {
      while (this.#answers.at(index) === undefined && !this.#answers.isOver) {
        await this.#wait(this.#answers.next());
      }
      const result = this.#answers.at(index);
      if (result === undefined) {
        return undefined;
      }
      yield result;
    }
  }

  report(): TurnReport {
    return turnReport(this.#calls, this.#log, this.#committedAtMs);
  }

  /** Waits on behalf of the task around the turn, which lends its slots; in a turn that was aborted for a moment at most, also after a cancel. */
  #wait<T>(promise: Promise<T>): Promise<T> {
    return this.#options.within === undefined || this.#state === "aborted"
      ? promise
      : waitInside(this.#kernel, this.#parent, promise);
  }

  #stop(reason: unknown): void {
    this.#stopped ??= { reason };
    for (const state of this.#calls) {
      this.#cancel(state, reason);
    }
  }

  #cancel(state: CallState, reason: unknown): void {
    if (state.isDecided) {
      return;
    }
    const { work, call } = state;
    const hasStarted = work !== undefined && work.record.attempts > 0;
    const text = cancelledText(call.name, reason, hasStarted);
    this.#end(state, { status: "cancelled", text, error: reason });
    if (work !== undefined) {
      this.#works.leave(work, reason);
    }
  }

  /** It is decided how a call ended. */
  #end(state: CallState, ending: Ending): void {
    if (state.isDecided) {
      return;
    }
    state.endedAtMs = this.#log.nowMs;
    const { maxResultBytes: maxBytes, resultFolder: folder } = this.#settings;
    const result = this.#resultOf(state, ending);
    if (isTooLong(ending.text, maxBytes)) {
      const capping = capText(ending.text, { maxBytes, folder });
      this.#answerLater(state, result, capping);
    } else {
      this.#answer(state, result);
    }
    if (this.#options.failure === "stop" && isFailure(ending)) {
      this.#stop(new Error(`Call "${state.call.id}" did not complete: ${ending.text}`));
    }
  }

  #answerLater(
    state: CallState,
    result: ToolResult,
    capping: Promise<Pick<ToolResult, "text" | "file">>,
  ): void {
    capping.then(
      (capped) => this.#answer(state, { ...result, ...capped }),
      (error: unknown) => this.#answer(state, { ...result, text: causesOf(error) }),
    );
  }

  #answer(state: CallState, result: ToolResult): void {
    state.answer(result);
    this.#answers.add(result);
    this.#closeIfOver();
    try {
      this.#options.onResult?.(result);
    } catch {
      // Whoever looks on does not hurt the turn.
    }
  }

  #resultOf(state: CallState, { status, text, output, error }: Ending): ToolResult {
    const { call, sharedWith } = state;
    return {
      id: call.id,
      name: call.name,
      status,
      isError: status !== "completed",
      text,
      output,
      error,
      file: undefined,
      sharedWith,
      ...timesOf(state, this.#log),
    };
  }

  /** Leaves everything that the turn listens to once nothing more can happen in it. */
  #closeIfOver(): void {
    if (this.#answers.isOver) {
      this.#intake.close();
      this.#options.signal?.removeEventListener("abort", this.#onSignal);
      if (this.#works.open === 0) {
        this.#log.close();
      }
    }
  }

  readonly #onSignal = (): void => this.abort(this.#options.signal?.reason);
}

function namesIn(names: ToolboxSettings["names"], kernel: Kernel): CallNames {
  const known = names.get(kernel) ?? new Map<number, string>();
  names.set(kernel, known);
  return known;
}

/** @throws `TypeError` that says what is wrong with a call. */
function checkCall(call: ToolCall): void {
  const { id, name, input, inputText, after } = call;
  if (typeof id !== "string" || id === "") {
    throw new TypeError(`Cannot add a call as its "id" must be a text: ${JSON.stringify(id)}`);
  }
  if (typeof name !== "string") {
    throw new TypeError(`Cannot add call "${id}" as its "name" must be a text: ${typeof name}`);
  }
  if (input !== undefined && inputText !== undefined) {
    throw new TypeError(`Cannot add call "${id}" as it has both "input" and "inputText"`);
  }
  if (inputText !== undefined && typeof inputText !== "string") {
    throw new TypeError(
      `Cannot add call "${id}" as its "inputText" must be a text: ${typeof inputText}`,
    );
  }
  if (after !== undefined && !(Array.isArray(after) && after.every(isText))) {
    throw new TypeError(
      `Cannot add call "${id}" as its "after" must be a list of ids: ${JSON.stringify(after)}`,
    );
  }
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}
