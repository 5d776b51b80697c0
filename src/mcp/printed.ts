/** What a command has printed, as a model reads it: what came on standard error says so. */
import { headAndTail, withMarks, type Pieces } from "../tools/coding/head-and-tail.ts";
import type { Part } from "./shown-result.ts";

export function printed({
  stdout,
  stderr,
}: {
  readonly stdout: Pieces;
  readonly stderr: Pieces;
}): Pieces {
  const [out, err] = [trimmed(stdout), trimmed(stderr)];
  if (err.length === 0) {
    return out;
  }
  return out.length === 0 ? ["stderr:\n", ...err] : [...out, "\nstderr:\n", ...err];
}

/** As a part of a result, with a file of what is known where it is cut. */
export function keptPart(pieces: Pieces): Pick<Part, "show" | "whole" | "hasGaps"> {
  return {
    show: (bytes) => headAndTail(pieces, bytes),
    whole: withMarks(pieces),
    hasGaps: pieces.some((piece) => typeof piece !== "string"),
  };
}

/** Without spaces at the end; nothing where there is nothing else. */
function trimmed(pieces: Pieces): Pieces {
  const last = pieces.at(-1);
  const end = typeof last === "string" ? last.trimEnd() : last;
  return end === undefined || end === "" ? pieces.slice(0, -1) : [...pieces.slice(0, -1), end];
}
