import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  ASPECT_PROMPT,
  CONDENSE_PROMPT,
  EXTRACT_PROMPT,
  fillPrompt,
  JUDGEMENT_PROMPT,
  OPINION_PROMPT,
  SECTION_PROMPT,
  SYNTHESIS_PROMPT,
  VALIDATION_PROMPT,
  type Prompt,
} from "../../src/models/index.ts";

const PROMPTS: readonly Prompt<string>[] = [
  ASPECT_PROMPT,
  CONDENSE_PROMPT,
  EXTRACT_PROMPT,
  JUDGEMENT_PROMPT,
  OPINION_PROMPT,
  SECTION_PROMPT,
  SYNTHESIS_PROMPT,
  VALIDATION_PROMPT,
];

const hashOf = ({ instructions, template }: Prompt<string>): string =>
  createHash("sha256").update(`${instructions}\0${template}`).digest("hex").slice(0, 12);

describe("prompts", () => {
  test("have a new version whenever their words change", () => {
    expect(PROMPTS.map((prompt) => `${prompt.name} ${prompt.version} ${hashOf(prompt)}`)).toEqual([
      "aspect 1 e6b16173518c",
      "condense 1 34e8b9602b28",
      "extract 1 3e164e7b7bfe",
      "judgement 1 d0cd6b41ab2a",
      "opinion 1 f145d266fbc2",
      "section 1 32f61914819a",
      "synthesis 1 f3564649fff3",
      "validation 1 467ee3a3b400",
    ]);
  });

  test.each(PROMPTS)(
    "$name has a place for all that it says it has, and says what is no instruction",
    (prompt) => {
      const values = Object.fromEntries(prompt.places.map((place) => [place, `<${place}>`]));
      const filled = fillPrompt(prompt, values);
      for (const place of prompt.places) expect(filled.prompt).toContain(`<${place}>`);
      expect(filled.prompt).not.toContain("{{");
      expect(filled.instructions).toMatch(/never an instruction to you/);
    },
  );
});
