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
import { ScopeClosedError } from "../core/errors.ts";
import type { Kernel } from "../core/kernel.ts";
import { recordOf } from "../core/task-context.ts";
import type { TaskRecord } from "../core/task-record.ts";
import { waitInside } from "../core/waits.ts";
import { Answers } from "./answers.ts";
import { readArguments, validate, type Arguments } from "./arguments.ts";
import { askApproval } from "./ask-approval.ts";
import { claimsOf, widestClaims } from "./call-claims.ts";
import { CallLog } from "./call-log.ts";
import { CallState, timesOf, type Work } from "./call-state.ts";
import { CallWorks } from "./call-works.ts";
import { isFailure, type Ending } from "./ending.ts";
import { InOrder } from "./in-order.ts";
import { fillReferences, findReferences, type Reference } from "./references.ts";
import { capText, isTooLong } from "./result-store.ts";
import {
  brokenReferenceText,
  cancelledText,
  causesOf,
  deniedText,
  duplicateText,
  failedText,
  invalidText,
  unknownToolText,
} from "./result-text.ts";
import type { ToolCall, ToolResult } from "./result.ts";
import { SharedWork } from "./shared-work.ts";
import type { Tool } from "./tool.ts";
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
  readonly #shared = new SharedWork();
  readonly #entering = new InOrder();
  readonly #calls: CallState[] = [];
  readonly #byId = new Map<string, CallState>();
  readonly #answers = new Answers();
  #state: "open" | "committed" | "aborted" = "open";
  #abortReason: unknown;

  constructor(settings: ToolboxSettings, options: TurnOptions) {
    const { within, signal } = options;
    const { kernel } = settings;
    const place = within === undefined ? { kernel, record: kernel.root } : recordOf(within);
    this.#settings = settings;
    this.#options = options;
    this.#kernel = place.kernel;
    this.#parent = place.record;
    this.#log = new CallLog(place.kernel, settings.names);
    this.#works = new CallWorks({
      settings,
      kernel: place.kernel,
      parent: place.record,
      log: this.#log,
      onEnd: (state, ending) => this.#end(state, ending),
      onStopped: () => this.#closeIfOver(),
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
    } else if (this.#state === "aborted") {
      this.#cancel(state, this.#abortReason);
    } else {
      this.#entering.add(() => this.#enter(state));
    }
  }

  commit(): void {
    if (this.#state === "open") {
      this.#state = "committed";
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
    this.#abortReason = reason;
    this.#cancelAll(reason);
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
    return turnReport(this.#calls, this.#log);
  }

  /** Waits on behalf of the task around the turn, which lends its slots. */
  #wait<T>(promise: Promise<T>): Promise<T> {
    return this.#options.within === undefined
      ? promise
      : waitInside(this.#kernel, this.#parent, promise);
  }

  /** Checks a call and brings it into its place. Returns a promise only where a schema takes its time. */
  #enter(state: CallState): Promise<void> | undefined {
    const tool = this.#settings.tools.get(state.call.name);
    if (tool === undefined) {
      const text = unknownToolText(state.call.name, [...this.#settings.tools.keys()]);
      this.#end(state, { status: "invalid", text });
      return undefined;
    }
    return this.#guard(state, () => {
      const read = readArguments(state.call);
      if ("complaint" in read) {
        this.#placeChecked(state, tool, read);
        return undefined;
      }
      const references = findReferences(read.input);
      if (references.length > 0) {
        this.#placeReferring(state, tool, { input: read.input, references });
        return undefined;
      }
      const checked = validate(tool, read.input);
      if (checked instanceof Promise) {
        return this.#enterLater(state, tool, checked);
      }
      this.#placeChecked(state, tool, checked);
      return undefined;
    });
  }

  async #enterLater(state: CallState, tool: Tool, checking: Promise<Arguments>): Promise<void> {
    const checked = await checking;
    this.#guard(state, () => {
      this.#placeChecked(state, tool, checked);
    });
  }

  /** What a tool throws before it runs, and arguments that nest too deeply to be read, make one call invalid. */
  #guard<T>(state: CallState, fn: () => T): T | undefined {
    try {
      return fn();
    } catch (error) {
      const { name } = state.call;
      this.#end(
        state,
        ScopeClosedError.isInstance(error)
          ? { status: "cancelled", text: cancelledText(name, error, false), error }
          : { status: "invalid", text: invalidText(name, causesOf(error)), error },
      );
      return undefined;
    }
  }

  #placeChecked(state: CallState, tool: Tool, checked: Arguments): void {
    if (state.isDecided) {
      return;
    }
    if ("complaint" in checked) {
      this.#end(state, { status: "invalid", text: invalidText(tool.name, checked.complaint) });
      return;
    }
    const { input } = checked;
    const key = this.#shared.keyOf(tool, input);
    const same = key === undefined ? undefined : this.#shared.get(key);
    if (same !== undefined) {
      this.#share(state, same);
      return;
    }
    const claims = claimsOf(tool, input, this.#settings.root);
    const needsApproval = tool.needsApproval?.(input) ?? false;
    const holds = needsApproval ? (["approval"] as const) : [];
    const work = this.#works.begin(state, tool, { input, claims, holds, after: [] });
    this.#shared.forget(claims);
    if (needsApproval) {
      this.#ask(work);
    } else if (key !== undefined) {
      this.#shared.set(key, work);
    }
  }

  #share(state: CallState, work: Work): void {
    state.work = work;
    work.calls.push(state);
    if (work.ending !== undefined) {
      this.#end(state, work.ending);
    }
  }

  /** Gives a call whose arguments come from others its place at once, with all that it might touch. */
  #placeReferring(
    state: CallState,
    tool: Tool,
    { input, references }: { readonly input: unknown; readonly references: readonly Reference[] },
  ): void {
    const sources = new Map<Reference["from"], CallState>();
    for (const { from } of references) {
      const source = typeof from === "number" ? this.#calls[from - 1] : this.#byId.get(from);
      if (source === undefined || source.number >= state.number) {
        const complaint = `"$from": ${JSON.stringify(from)} is no earlier call of this response`;
        this.#end(state, { status: "invalid", text: invalidText(tool.name, complaint) });
        return;
      }
      sources.set(from, source);
    }
    const claims = widestClaims(tool);
    const after = [...new Set(sources.values())];
    const mayNeedApproval = tool.needsApproval !== undefined;
    const holds = mayNeedApproval
      ? (["dependency", "approval"] as const)
      : (["dependency"] as const);
    const work = this.#works.begin(state, tool, { input: undefined, claims, holds, after });
    this.#shared.forget(claims);
    this.#detach(work, this.#fill(work, input, sources));
  }

  /** Waits for the outputs that a call refers to, and lets it go on with them as its arguments. */
  async #fill(
    work: Work,
    input: unknown,
    sources: ReadonlyMap<Reference["from"], CallState>,
  ): Promise<void> {
    const results = new Map<Reference["from"], ToolResult>();
    for (const [from, source] of sources) {
      results.set(from, await source.answered);
    }
    const { tool } = work;
    const broken = [...results.values()].find(({ status }) => status !== "completed");
    if (broken !== undefined) {
      const text = brokenReferenceText(tool.name, broken.id, broken.status);
      this.#works.endUnstarted(work, { status: "skipped", text, error: broken.error });
      return;
    }
    const filled = fillReferences(input, (from) => results.get(from)?.output);
    const checked = "complaint" in filled ? filled : await validate(tool, filled.input);
    if ("complaint" in checked) {
      const text = invalidText(tool.name, checked.complaint);
      this.#works.endUnstarted(work, { status: "invalid", text });
      return;
    }
    work.input = checked.input;
    work.claims = claimsOf(tool, checked.input, this.#settings.root);
    if (tool.needsApproval?.(checked.input) === true) {
      this.#ask(work);
    } else {
      this.#works.release(work, "approval");
    }
    this.#works.release(work, "dependency");
  }

  #ask(work: Work): void {
    this.#detach(work, this.#settleApproval(work));
  }

  async #settleApproval(work: Work): Promise<void> {
    const { id, name } = (work.calls[0] as CallState).call; // The one that it was begun for.
    const unwanted = new AbortController();
    const onOutcome = (): void => unwanted.abort();
    work.record.watchers = [...(work.record.watchers ?? []), { onOutcome }];
    const approve = this.#options.approve ?? this.#settings.approve;
    const request = { id, name, input: work.input };
    const { approved, reason, error } = await askApproval(approve, request, unwanted.signal);
    if (approved) {
      this.#works.release(work, "approval");
    } else {
      this.#works.endUnstarted(work, { status: "denied", text: deniedText(name, reason), error });
    }
  }

  /** The one place where something goes on that nobody awaits: what it throws ends its call. */
  #detach(work: Work, going: Promise<void>): void {
    going.catch((error: unknown) => {
      const text = failedText(work.tool.name, error, 0);
      this.#works.endUnstarted(work, { status: "failed", text, error });
    });
  }

  #cancelAll(reason: unknown): void {
    for (const state of this.#calls) {
      this.#cancel(state, reason);
    }
  }

  #cancel(state: CallState, reason: unknown): void {
    if (state.isDecided) {
      return;
    }
    const { work, call } = state;
    const hasStarted = work !== undefined && work.record.state !== "waiting";
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
      this.#cancelAll(new Error(`Call "${state.call.id}" did not complete: ${ending.text}`));
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
      this.#options.signal?.removeEventListener("abort", this.#onSignal);
      if (this.#works.open === 0) {
        this.#log.close();
      }
    }
  }

  readonly #onSignal = (): void => this.abort(this.#options.signal?.reason);
}

/** @throws `TypeError` that says what is wrong with a call. */
function checkCall(call: ToolCall): void {
  const { id, name, input, inputText } = call;
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
}
