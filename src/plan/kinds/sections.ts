/** `sections`: a document whose sections are written at once, and made one answer. */
import type { SectionsResult } from "../../models/sections.ts";
import type { ModelRunFacts } from "../../models/model-run.ts";
import type { Kind, Work } from "../kind.ts";
import { LIKELY_TEXT, TRIES } from "../likely.ts";
import { repeatedNames } from "../unique-names.ts";
import type { SectionsSettings, SynthesisEntry } from "../model-settings.ts";
import { linesOf } from "../text-fields.ts";
import { LIKELY_SYNTHESIS } from "./synthesize.ts";
import { asText } from "../values.ts";

/** The document. */
export type SectionsValue = SectionsResult & ModelRunFacts;

export const sections: Kind<SectionsSettings> = {
  defaultLimit: undefined,
  fields: {
    text: textOf,
    lines: (value: SectionsValue) => linesOf(textOf(value)),
    sections: ({ sections }: SectionsValue) => sections,
    keyPoints: ({ keyPoints }: SectionsValue) => keyPoints,
    failed: ({ failed }: SectionsValue) => failed,
    coverage: ({ coverage }: SectionsValue) => coverage,
    synthesis: ({ synthesis }: SectionsValue) => synthesis ?? null,
    spent: ({ spent }: SectionsValue) => spent,
  },
  problems: ({ sections }) => repeatedNames("sections", sections),
  asks: ({ using, sections, synthesize }) => [
    { name: using, path: ["using"] },
    ...sections.flatMap((each, index) =>
      typeof each === "string" || each.using === undefined
        ? []
        : [{ name: each.using, path: ["sections", index, "using"] }],
    ),
    ...(typeof synthesize === "object" && synthesize.using !== undefined
      ? [{ name: synthesize.using, path: ["synthesize", "using"] }]
      : []),
  ],
  rehearsal: () => ({
    answer: () => ({ content: LIKELY_TEXT, keyPoints: [], ...LIKELY_SYNTHESIS }),
    most: (likely) => likely * TRIES,
  }),
  answer: textOf,
  async run(settings, work) {
    const { ctx, values, modelOf } = work;
    const { topic, input, using, maxOutputTokens, synthesize = true } = settings;
    const { sections } = await import("../../models/sections.ts");
    return await sections({
      within: ctx,
      model: await modelOf(using),
      topic: await values.text(topic),
      input: input === undefined ? undefined : asText(await values.resolve(input)),
      sections: await Promise.all(settings.sections.map((each) => sectionOf(each, work))),
      synthesize: synthesize === false ? false : await synthesisOf(synthesize, work),
      maxOutputTokens,
    });
  },
};

async function sectionOf(section: SectionsSettings["sections"][number], { values, modelOf }: Work) {
  const { name, about, using } =
    typeof section === "string" ? ({ name: section } as const) : section;
  return {
    name: await values.text(name),
    about: about === undefined ? undefined : await values.text(about),
    model: using === undefined ? undefined : await modelOf(using),
  };
}

async function synthesisOf(entry: true | SynthesisEntry, { values, modelOf }: Work) {
  const { task, using, conflict } = entry === true ? {} : entry;
  return {
    conflict,
    ...(task === undefined ? {} : { task: await values.text(task) }),
    ...(using === undefined ? {} : { model: await modelOf(using) }),
  };
}

/** The synthesis; without one the sections below their names. */
export function textOf({ synthesis, sections }: SectionsValue): string {
  return (
    synthesis?.answer ??
    sections
      .flatMap((each) => (each.status === "completed" ? [`# ${each.name}\n\n${each.content}`] : []))
      .join("\n\n")
  );
}
