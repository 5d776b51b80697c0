/** What a model is told whose answer does not fit. */
import type { ModelOutputError } from "./model-output-error.ts";

/** The next thing to say to it. */
export function repairPrompt({ complaints }: ModelOutputError): string {
  return [
    "That answer cannot be used:",
    ...complaints.map((complaint) => `- ${complaint}`),
    "Answer again, with JSON that fits the schema and nothing else.",
  ].join("\n");
}
