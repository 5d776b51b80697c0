/** Consent to a call, from whether it is needed to what comes of it. */
import { addWatcher } from "../core/task-record.ts";
import { isThenable } from "../core/thenable.ts";
import { askApproval } from "./ask-approval.ts";
import type { CallState, Work } from "./call-state.ts";
import type { CallWorks } from "./call-works.ts";
import { declared, DeclarationError } from "./declaration-error.ts";
import { deniedText } from "./result-text.ts";
import type { Tool } from "./tool.ts";
import type { Approve } from "./turn.ts";

/** Whether a call needs consent: with any answer but a plain no, and a promise of one is none. It is asked for when that is kept. */
type NeededConsent = true | PromiseLike<unknown>;

/** @throws `DeclarationError` when the tool cannot say. */
export function neededConsent(tool: Tool, input: unknown): NeededConsent | false {
  const needed: unknown = declared("needsApproval", () => tool.needsApproval?.(input));
  return isThenable(needed) ? needed : Boolean(needed);
}

/** What holds up a call that comes after others: them, and consent where its tool may ask for it. */
export function holdsOf({ needsApproval }: Tool): readonly ("dependency" | "approval")[] {
  return needsApproval === undefined ? ["dependency"] : ["dependency", "approval"];
}

/**
 * Asks for the consent that a call needs, and lets it go on, or ends it.
 *
 * @throws `DeclarationError`, as a rejection, when the tool cannot say whether it is needed.
 */
export async function settleConsent(
  work: Work,
  needed: NeededConsent,
  { works, approve }: { readonly works: CallWorks; readonly approve: Approve | undefined },
): Promise<void> {
  if (needed !== true) {
    try {
      await needed;
    } catch (error) {
      throw new DeclarationError("needsApproval", error);
    }
  }
  if (work.ending !== undefined) {
    return; // Nobody wants it any more.
  }
  const { id, name } = (work.calls[0] as CallState).call; // The one that it was begun for.
  const unwanted = new AbortController();
  addWatcher(work.record, { onOutcome: () => unwanted.abort() });
  const request = { id, name, input: work.input };
  const { approved, reason, error } = await askApproval(approve, request, unwanted.signal);
  if (approved) {
    works.release(work, "approval");
  } else {
    works.endUnstarted(work, { status: "denied", text: deniedText(name, reason), error });
  }
}
