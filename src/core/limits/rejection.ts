/** How a service sends a request away because there are too many. */
import { answersIn } from "../http-answer.ts";
import { askedMs } from "../retry-after.ts";
import type { GrantEnd } from "./gate.ts";

/**
 * Too many requests, service unavailable (RFC 6585, section 4; RFC 9110, section 15.6.4), and 529, by which some model services say
 * that they are overloaded.
 */
const REJECTIONS: readonly unknown[] = [429, 503, 529];

/** Whether a status says that there are too many requests. */
export function isRejection(status: number | undefined): boolean {
  return REJECTIONS.includes(status);
}

/** What an error says to the limits of the task that threw it. */
export function endOfError(error: unknown): GrantEnd {
  for (const { status, headers } of answersIn(error)) {
    if (isRejection(status)) {
      const asked = headers.map((each) => askedMs(each)).find((ms) => ms !== undefined);
      return { kind: "rejected", askedMs: asked };
    }
  }
  return { kind: "other" };
}
