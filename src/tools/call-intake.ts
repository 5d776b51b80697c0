/**
 * How calls come into their places: read, validated, and added to the run, in the order in which they came, also where a schema takes its time.
 * What a call needs from outside holds it in its place: the outputs of other calls, somebody's consent.
 */
import { ScopeClosedError } from "../core/errors.ts";
import { readArguments, validate, type Arguments } from "./arguments.ts";
import { claimsOf, widestClaims } from "./call-claims.ts";
import type { CallState, Work } from "./call-state.ts";
import type { CallWorks } from "./call-works.ts";
import { holdsOf, neededConsent, settleConsent } from "./consent.ts";
import { DeclarationError } from "./declaration-error.ts";
import type { Ending } from "./ending.ts";
import { InOrder } from "./in-order.ts";
import { fillReferences, findReferences, type Reference } from "./references.ts";
import {
  brokenOrderText,
  brokenReferenceText,
  cancelledText,
  causesOf,
  failedText,
  invalidText,
  unknownToolText,
} from "./result-text.ts";
import type { ToolResult } from "./result.ts";
import { SharedWork } from "./shared-work.ts";
import type { Tool } from "./tool.ts";
import type { Approve } from "./turn.ts";

/** What the way in needs of its turn. */
export interface CallIntakeOptions {
  readonly tools: ReadonlyMap<string, Tool>;
  readonly root: string;
  readonly approve: Approve | undefined;
  readonly works: CallWorks;
  /** What the turns of the toolbox have to share. */
  readonly shared: Set<SharedWork>;
  /** The call that a reference means; undefined where there is none. */
  find(from: Reference["from"]): CallState | undefined;
  /** Called when it is known how a call ended. */
  onEnd(state: CallState, ending: Ending): void;
}

/** The way in for the calls of a turn. */
export class CallIntake {
  readonly #options: CallIntakeOptions;
  readonly #shared: SharedWork;
  readonly #order = new InOrder();

  constructor(options: CallIntakeOptions) {
    this.#options = options;
    this.#shared = new SharedWork(options.shared);
  }

  /** No call will come any more. */
  close(): void {
    this.#shared.close();
  }

  /** Brings a call into its place, after those before it. */
  add(state: CallState): void {
    this.#order.add(() => this.#enter(state));
  }

  /** Checks a call and brings it into its place. Returns a promise only where a schema takes its time. */
  #enter(state: CallState): Promise<void> | undefined {
    if (state.isDecided) {
      return undefined; // It was cancelled while it waited for those before it.
    }
    const tool = this.#options.tools.get(state.call.name);
    if (tool === undefined) {
      const text = unknownToolText(state.call.name, [...this.#options.tools.keys()]);
      this.#options.onEnd(state, { status: "invalid", text });
      return undefined;
    }
    return this.#guard(state, () => {
      const read = readArguments(state.call);
      if ("complaint" in read) {
        this.#placeChecked(state, tool, read);
        return undefined;
      }
      const unknown = state.call.after?.find((id) => this.#earlier(state, id) === undefined);
      if (unknown !== undefined) {
        const complaint = `"after": ${JSON.stringify(unknown)} is no earlier call of this response`;
        this.#placeChecked(state, tool, { complaint });
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
    await Promise.race([checking, state.answered]);
    if (state.isDecided) {
      return; // It was cancelled: those after it do not wait for its schema.
    }
    const checked = await checking;
    this.#guard(state, () => {
      this.#placeChecked(state, tool, checked);
    });
  }

  /** What cannot be brought into its place ends, and nothing else does. */
  #guard<T>(state: CallState, fn: () => T): T | undefined {
    try {
      return fn();
    } catch (error) {
      this.#options.onEnd(state, endingAtOnce(state.call.name, error));
      return undefined;
    }
  }

  #placeChecked(state: CallState, tool: Tool, checked: Arguments): void {
    if (state.isDecided) {
      return;
    }
    if ("complaint" in checked) {
      this.#options.onEnd(state, {
        status: "invalid",
        text: invalidText(tool.name, checked.complaint),
      });
      return;
    }
    const { input } = checked;
    const after = this.#predecessors(state);
    // What another call has seen may be older than what it comes after.
    const key = after.length > 0 ? undefined : this.#shared.keyOf(tool, input);
    const same = key === undefined ? undefined : this.#shared.get(key);
    if (same !== undefined) {
      this.#share(state, same);
      return;
    }
    const claims = claimsOf(tool, input, this.#options.root);
    if (after.length > 0) {
      const holds = holdsOf(tool);
      const work = this.#options.works.begin(state, tool, { input, claims, holds, after });
      this.#shared.forget(claims);
      this.#detach(work, this.#follow(work, { after, input }));
      return;
    }
    const needed = neededConsent(tool, input);
    const holds = needed === false ? [] : (["approval"] as const);
    const work = this.#options.works.begin(state, tool, { input, claims, holds, after });
    this.#shared.forget(claims);
    if (needed !== false) {
      this.#detach(work, settleConsent(work, needed, this.#options));
    } else if (key !== undefined) {
      this.#shared.set(key, work);
    }
  }

  /** The call of that id or number, where it comes before that of `state`. */
  #earlier(state: CallState, from: Reference["from"]): CallState | undefined {
    const found = this.#options.find(from);
    return found !== undefined && found.number < state.number ? found : undefined;
  }

  /** The calls that one was said to come after. */
  #predecessors(state: CallState): readonly CallState[] {
    const { after = [] } = state.call;
    return [...new Set(after)].flatMap((id) => this.#earlier(state, id) ?? []);
  }

  /** Waits for what a call comes after, and lets it go on. */
  async #follow(
    work: Work,
    { after, input }: { readonly after: readonly CallState[]; readonly input: unknown },
  ): Promise<void> {
    if (await this.#haveCompleted(work, after)) {
      this.#letGoOn(work, () => neededConsent(work.tool, input));
    }
  }

  /** Whether all that a call comes after has completed; where one has not, the call is skipped. */
  async #haveCompleted(work: Work, after: readonly CallState[]): Promise<boolean> {
    for (const { answered } of after) {
      const { id, status } = await answered;
      if (status !== "completed") {
        const text = brokenOrderText(work.tool.name, id, status);
        this.#options.works.endUnstarted(work, { status: "skipped", text });
      }
    }
    return work.ending === undefined;
  }

  #share(state: CallState, work: Work): void {
    state.work = work;
    work.calls.push(state);
    if (work.ending !== undefined) {
      this.#options.onEnd(state, work.ending);
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
      const source = this.#earlier(state, from);
      if (source === undefined) {
        const complaint = `"$from": ${JSON.stringify(from)} is no earlier call of this response`;
        this.#options.onEnd(state, { status: "invalid", text: invalidText(tool.name, complaint) });
        return;
      }
      sources.set(from, source);
    }
    const claims = widestClaims(tool, {
      around: this.#options.works.around,
      root: this.#options.root,
    });
    const predecessors = this.#predecessors(state);
    const after = [...new Set([...predecessors, ...sources.values()])];
    const holds = holdsOf(tool);
    const work = this.#options.works.begin(state, tool, { input: undefined, claims, holds, after });
    this.#shared.forget(claims);
    this.#detach(work, this.#fill(work, { input, sources, predecessors }));
  }

  /** Waits for the outputs that a call refers to, and lets it go on with them as its arguments. */
  async #fill(
    work: Work,
    {
      input,
      sources,
      predecessors,
    }: {
      readonly input: unknown;
      readonly sources: ReadonlyMap<Reference["from"], CallState>;
      readonly predecessors: readonly CallState[];
    },
  ): Promise<void> {
    if (!(await this.#haveCompleted(work, predecessors))) {
      return;
    }
    const results = new Map<Reference["from"], ToolResult>();
    for (const [from, source] of sources) {
      results.set(from, await source.answered);
    }
    const { tool } = work;
    const broken = [...results.values()].find(({ status }) => status !== "completed");
    if (broken !== undefined) {
      const text = brokenReferenceText(tool.name, broken.id, broken.status);
      this.#options.works.endUnstarted(work, { status: "skipped", text, error: broken.error });
      return;
    }
    const filled = fillReferences(input, (from) => results.get(from)?.output);
    const checked = "complaint" in filled ? filled : await validate(tool, filled.input);
    if (work.ending !== undefined) {
      return; // It was cancelled meanwhile.
    }
    if ("complaint" in checked) {
      const text = invalidText(tool.name, checked.complaint);
      this.#options.works.endUnstarted(work, { status: "invalid", text });
      return;
    }
    const filledIn = checked.input;
    this.#letGoOn(work, () => {
      this.#options.works.fill(work, filledIn);
      return neededConsent(tool, filledIn);
    });
  }

  /** Lets a call go on that others held up; `ready` makes it so, and says what consent it needs. */
  #letGoOn(work: Work, ready: () => ReturnType<typeof neededConsent>): void {
    const { works } = this.#options;
    const { tool } = work;
    try {
      const needed = ready();
      if (needed === false) {
        works.release(work, "approval");
      } else {
        this.#detach(work, settleConsent(work, needed, this.#options));
      }
      works.release(work, "dependency");
    } catch (error) {
      works.endUnstarted(work, endingAtOnce(tool.name, error));
    }
  }

  /** The one place where something goes on that nobody awaits: what it throws ends its call. */
  #detach(work: Work, going: Promise<void>): void {
    going.catch((error: unknown) => {
      const text = failedText(work.tool.name, error, 0);
      this.#options.works.endUnstarted(work, { status: "failed", text, error });
    });
  }
}

/** How a call ends that cannot be brought into its place. */
function endingAtOnce(name: string, error: unknown): Ending {
  if (ScopeClosedError.isInstance(error)) {
    return { status: "cancelled", text: cancelledText(name, error, false), error };
  }
  return error instanceof DeclarationError
    ? { status: "failed", text: failedText(name, error, 0), error }
    : { status: "invalid", text: invalidText(name, causesOf(error)), error };
}
