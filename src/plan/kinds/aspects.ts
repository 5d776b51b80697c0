/** `aspects`: one text reviewed under several aspects at once. */
import type { AspectsResult, KnownAspect } from "../../models/aspects.ts";
import type { ModelRunFacts } from "../../models/model-run.ts";
import type { Kind, Work } from "../kind.ts";
import { TRIES } from "../likely.ts";
import { repeatedNames } from "../unique-names.ts";
import type { AspectsSettings } from "../model-settings.ts";
import { asText } from "../values.ts";

/** What was found. */
export type AspectsValue = AspectsResult & ModelRunFacts;

export const aspects: Kind<AspectsSettings> = {
  defaultLimit: undefined,
  fields: {
    findings: ({ findings }: AspectsValue) => findings,
    lines: linesOf,
    text: (value: AspectsValue) => linesOf(value).join("\n"),
    count: ({ findings }: AspectsValue) => findings.length,
    byAspect: ({ byAspect }: AspectsValue) => byAspect,
    failed: ({ failed }: AspectsValue) => failed,
    coverage: ({ coverage }: AspectsValue) => coverage,
    spent: ({ spent }: AspectsValue) => spent,
  },
  problems: ({ aspects }) => repeatedNames("aspects", aspects),
  asks: ({ using, aspects }) => [
    { name: using, path: ["using"] },
    ...aspects.flatMap((each, index) =>
      typeof each === "string" || each.using === undefined
        ? []
        : [{ name: each.using, path: ["aspects", index, "using"] }],
    ),
  ],
  rehearsal: () => ({ answer: () => ({ findings: [] }), most: (likely) => likely * TRIES }),
  answer: ({ findings }: AspectsValue) => findings,
  async run(settings, work) {
    const { ctx, values, modelOf } = work;
    const { input, using, maxOutputTokens } = settings;
    const { aspects } = await import("../../models/aspects.ts");
    return await aspects({
      within: ctx,
      model: await modelOf(using),
      input: asText(await values.resolve(input)),
      aspects: await Promise.all(settings.aspects.map((each) => aspectOf(each, work))),
      maxOutputTokens,
    });
  },
};

async function aspectOf(aspect: AspectsSettings["aspects"][number], { values, modelOf }: Work) {
  if (typeof aspect === "string") {
    return aspect as KnownAspect; // The schema has seen to it.
  }
  const { name, about, using } = aspect;
  return {
    name,
    about: await values.text(about),
    model: using === undefined ? undefined : await modelOf(using),
  };
}

/** A line for each finding, the gravest first. */
export function linesOf({ findings }: Pick<AspectsValue, "findings">): readonly string[] {
  return findings.map(({ severity, text, aspects, place }) => {
    const where = place === undefined ? "" : `line ${place.line}: `;
    return `${severity}: ${where}${text} (${aspects.join(", ")})`;
  });
}
