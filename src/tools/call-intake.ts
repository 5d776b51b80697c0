/**
 * How calls come into their places: read, validated, and added to the run, in the order in which they came, also where a schema takes its time.
 * What a call needs from outside holds it in its place: the outputs of other calls, somebody's consent.
 */
import { ScopeClosedError } from "../core/errors.ts";
import { readArguments, validate, type Arguments } from "./arguments.ts";
import { askApproval } from "./ask-approval.ts";
import { claimsOf, widestClaims } from "./call-claims.ts";
import type { CallState, Work } from "./call-state.ts";
import type { CallWorks } from "./call-works.ts";
import type { Ending } from "./ending.ts";
import { InOrder } from "./in-order.ts";
import { fillReferences, findReferences, type Reference } from "./references.ts";
import {
  brokenReferenceText,
  cancelledText,
  causesOf,
  deniedText,
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

  /** What a tool throws before it runs, and arguments that nest too deeply to be read, make one call invalid. */
  #guard<T>(state: CallState, fn: () => T): T | undefined {
    try {
      return fn();
    } catch (error) {
      const { name } = state.call;
      this.#options.onEnd(
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
      this.#options.onEnd(state, {
        status: "invalid",
        text: invalidText(tool.name, checked.complaint),
      });
      return;
    }
    const { input } = checked;
    const key = this.#shared.keyOf(tool, input);
    const same = key === undefined ? undefined : this.#shared.get(key);
    if (same !== undefined) {
      this.#share(state, same);
      return;
    }
    const claims = claimsOf(tool, input, this.#options.root);
    const needsApproval = needsConsent(tool, input);
    const holds = needsApproval ? (["approval"] as const) : [];
    const work = this.#options.works.begin(state, tool, { input, claims, holds, after: [] });
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
      const source = this.#options.find(from);
      if (source === undefined || source.number >= state.number) {
        const complaint = `"$from": ${JSON.stringify(from)} is no earlier call of this response`;
        this.#options.onEnd(state, { status: "invalid", text: invalidText(tool.name, complaint) });
        return;
      }
      sources.set(from, source);
    }
    const claims = widestClaims(tool, this.#options.works.around);
    const after = [...new Set(sources.values())];
    const mayNeedApproval = tool.needsApproval !== undefined;
    const holds = mayNeedApproval
      ? (["dependency", "approval"] as const)
      : (["dependency"] as const);
    const work = this.#options.works.begin(state, tool, { input: undefined, claims, holds, after });
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
    this.#letGoOn(work, checked.input);
  }

  #letGoOn(work: Work, input: unknown): void {
    const { works } = this.#options;
    const { tool } = work;
    try {
      works.fill(work, input);
      if (needsConsent(tool, input)) {
        this.#ask(work);
      } else {
        works.release(work, "approval");
      }
      works.release(work, "dependency");
    } catch (error) {
      const text = invalidText(tool.name, causesOf(error));
      works.endUnstarted(work, { status: "invalid", text, error });
    }
  }

  #ask(work: Work): void {
    if (work.ending === undefined) {
      this.#detach(work, this.#settleApproval(work));
    }
  }

  async #settleApproval(work: Work): Promise<void> {
    const { id, name } = (work.calls[0] as CallState).call; // The one that it was begun for.
    const unwanted = new AbortController();
    const onOutcome = (): void => unwanted.abort();
    work.record.watchers = [...(work.record.watchers ?? []), { onOutcome }];
    const { approve } = this.#options;
    const request = { id, name, input: work.input };
    const { approved, reason, error } = await askApproval(approve, request, unwanted.signal);
    if (approved) {
      this.#options.works.release(work, "approval");
    } else {
      this.#options.works.endUnstarted(work, {
        status: "denied",
        text: deniedText(name, reason),
        error,
      });
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

/** Whether a call needs consent: with any answer but a plain no, such as a promise of one. */
function needsConsent(tool: Tool, input: unknown): boolean {
  return Boolean(tool.needsApproval?.(input));
}
