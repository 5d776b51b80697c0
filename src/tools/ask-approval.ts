/** Asking for consent to a call. */
import { causesOf } from "./result-text.ts";
import type { ApprovalRequest, Approve } from "./turn.ts";

/** What came of it. */
export interface Answer {
  readonly approved: boolean;
  readonly reason?: string | undefined;
  readonly error?: unknown;
}

/** Asks whoever can be asked. Without anybody, and when asking fails, a call is not approved. */
export async function askApproval(
  approve: Approve | undefined,
  request: ApprovalRequest,
  signal: AbortSignal,
): Promise<Answer> {
  if (approve === undefined) {
    return { approved: false, reason: "it needs consent, and nobody can be asked" };
  }
  try {
    const given: unknown = await approve(request, { signal }); // Nothing but a plain yes is consent.
    const { approved, reason } = (
      typeof given === "object" && given !== null ? given : { approved: given }
    ) as {
      readonly approved?: unknown;
      readonly reason?: unknown;
    };
    return { approved: approved === true, reason: typeof reason === "string" ? reason : undefined };
  } catch (error) {
    return { approved: false, reason: `asking failed: ${causesOf(error)}`, error };
  }
}
