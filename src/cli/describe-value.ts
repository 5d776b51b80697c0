/** What a task returned, in words: a few for the line of the task, and the lines that its reader waits for. */
import { counted } from "../core/counted.ts";
import { relative } from "node:path";
import { describeTokens } from "../models/describe-spent.ts";
import type { ModelSpent } from "../models/meter.ts";
import { asksModels } from "../plan/kinds.ts";
import { asJson, jsonValue } from "../plan/json-value.ts";
import { asText } from "../plan/values.ts";
import { linesOf as linesOfFindings, type AspectsValue } from "../plan/kinds/aspects.ts";
import { linesOf as linesOfStatements, type CondenseValue } from "../plan/kinds/condense.ts";
import type { AgentValue } from "../plan/kinds/agent.ts";
import type { ConsensusValue } from "../plan/kinds/consensus.ts";
import type { EachValue } from "../plan/kinds/each.ts";
import type { HttpValue } from "../plan/kinds/http.ts";
import type { ModelValue } from "../plan/kinds/model.ts";
import type { ReadValue } from "../plan/kinds/read.ts";
import type { SearchValue } from "../plan/kinds/search.ts";
import { textOf as textOfSections, type SectionsValue } from "../plan/kinds/sections.ts";
import type { SynthesizeValue } from "../plan/kinds/synthesize.ts";
import type { WriteValue } from "../plan/kinds/write.ts";
import type { KindName } from "../plan/settings.ts";
import { describeSpent } from "./describe-spent.ts";

/** A few words; empty when there is nothing to say. */
export function headlineOf(kind: KindName | undefined, value: unknown): string {
  const words = wordsOf(kind, value);
  return kind !== undefined && kind !== "model" && asksModels(kind)
    ? describeSpent(words, (value as { readonly spent: ModelSpent }).spent)
    : words;
}

function wordsOf(kind: KindName | undefined, value: unknown): string {
  switch (kind) {
    case "read": {
      const { files } = value as ReadValue; // What the kind returns; so are those below.
      return counted(files.length, "file");
    }
    case "search": {
      const { matches, truncated } = value as SearchValue;
      const files = new Set(matches.map(({ path }) => path)).size;
      const more = truncated ? "more than " : "";
      return `${more}${counted(matches.length, "match", "matches")} in ${counted(files, "file")}`;
    }
    case "write": {
      const { bytes } = value as WriteValue;
      return `${counted(bytes, "byte")} written`;
    }
    case "http": {
      const { status } = value as HttpValue;
      return `status ${status}`;
    }
    case "model": {
      const { inputTokens, outputTokens } = (value as ModelValue).usage;
      const isKnown = inputTokens !== undefined && outputTokens !== undefined;
      return isKnown ? describeTokens({ inputTokens, outputTokens }) : "";
    }
    case "sections": {
      const { sections, coverage } = value as SectionsValue;
      return `${counted(sections.length, "section")}${covered(coverage)}`;
    }
    case "consensus": {
      const { verdict, agreement, asked } = value as ConsensusValue;
      return `${verdict}, ${percent(agreement)} of ${counted(asked, "vote")}`;
    }
    case "aspects": {
      const { findings, coverage } = value as AspectsValue;
      return `${counted(findings.length, "finding")}${covered(coverage)}`;
    }
    case "condense": {
      const { statements, documents, coverage } = value as CondenseValue;
      return `${counted(statements.length, "statement")} of ${counted(documents, "document")}${covered(coverage)}`;
    }
    case "synthesize": {
      const { confidence, gaps } = value as SynthesizeValue;
      return `confidence ${percent(confidence)}${gaps.length === 0 ? "" : `, ${counted(gaps.length, "gap")}`}`;
    }
    case "agent": {
      const { steps } = value as AgentValue;
      return counted(steps, "step");
    }
    case "each": {
      const { items } = value as EachValue;
      return counted(items.length, "item");
    }
    default:
      return "";
  }
}

/** The value itself as lines. The output of commands is not among them: it is printed as it comes. */
export function linesOfValue(kind: KindName | undefined, value: unknown): readonly string[] {
  switch (kind) {
    case "read":
      return (value as ReadValue).files.map(({ path }) => relative(process.cwd(), path));
    case "search":
      return (value as SearchValue).matches.map(
        ({ path, line, text }) => `${path}:${line}: ${text.trim()}`,
      );
    case "write":
      return [relative(process.cwd(), (value as WriteValue).path)];
    case "http":
      return splitLines((value as HttpValue).text);
    case "module":
      return value === null
        ? []
        : splitLines(typeof value === "string" ? value : asJson(jsonValue(value), 2));
    case "model":
      return splitLines((value as ModelValue).text);
    case "sections":
      return splitLines(textOfSections(value as SectionsValue));
    case "consensus":
      return splitLines(textOfVote(value as ConsensusValue));
    case "aspects":
      return linesOfFindings(value as AspectsValue);
    case "condense":
      return linesOfStatements(value as CondenseValue);
    case "synthesize":
      return linesOfSynthesis(value as SynthesizeValue);
    case "agent":
      return splitLines((value as AgentValue).text);
    case "each":
      return (value as EachValue).items.flatMap(({ value: each }) =>
        each === undefined ? [] : linesOfValue((value as EachValue).kind, each),
      );
    default:
      return [];
  }
}

function textOfVote({ answer, verdict }: ConsensusValue): string {
  return answer === undefined ? `no answer: ${verdict}` : asText(answer);
}

/** The answer, and what it lacks. */
function linesOfSynthesis({ answer, gaps }: SynthesizeValue): readonly string[] {
  const lacks = gaps.map(({ key, about }) => `  ${key === undefined ? "" : `${key}: `}${about}`);
  return [...splitLines(answer), ...(lacks.length === 0 ? [] : ["", "Missing:", ...lacks])];
}

/** Of what is whole nothing need be said. */
function covered(coverage: number): string {
  return coverage === 1 ? "" : `, ${percent(coverage)} covered`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** None of a text in which nothing is said. */
function splitLines(text: string): readonly string[] {
  const said = text.trimEnd();
  return said === "" ? [] : said.split(/\r?\n/);
}
