/** What is wrong with what a tool declares of its calls. */
import { causesOf } from "./result-text.ts";
import type { Tool } from "./tool.ts";

/** The functions by which a tool declares something of a call. */
type Declaration = keyof Pick<Tool, "reads" | "writes" | "needsApproval">;

/** One of its functions does not say what it is asked: nothing that a model could do better. */
export class DeclarationError extends Error {
  override readonly name = "DeclarationError";

  constructor(declaration: Declaration, cause: unknown) {
    super(
      `Cannot run as "${declaration}" of the tool is at fault, not the arguments: ${causesOf(cause)}`,
      { cause },
    );
  }
}

/**
 * What a function of a tool says, asked by `ask`.
 *
 * @throws `DeclarationError`, with what `ask` throws as its cause.
 */
export function declared<T>(declaration: Declaration, ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    throw new DeclarationError(declaration, error);
  }
}
