/** What the kinds of tasks that ask models are told by a plan. Texts may hold references. */
import type { ConflictStrategy } from "../models/conflict.ts";
import type { PlanValue } from "./settings.ts";

/** What all of them may say besides. */
export interface AskingSettings {
  /** Who is asked: a name under `models`, or `provider/model`. That of the plan by default. */
  readonly using?: string | undefined;
  /** The longest answer, in tokens. */
  readonly maxOutputTokens?: number | undefined;
}

/** `model`: one answer of a model; its value is the prompt. */
export interface ModelSettings extends AskingSettings {
  readonly model: string;
  readonly instructions?: string | undefined;
  readonly temperature?: number | undefined;
  /** The shape of the answer, as JSON Schema. */
  readonly schema?: Readonly<Record<string, PlanValue>> | undefined;
}

/** `sections`: a document whose sections are written at once. */
export interface SectionsSettings extends AskingSettings {
  readonly sections: readonly (string | SectionEntry)[];
  readonly topic: string;
  readonly input?: PlanValue | undefined;
  readonly synthesize?: boolean | SynthesisEntry | undefined;
}

/** One section. */
export interface SectionEntry {
  readonly name: string;
  readonly about?: string | undefined;
  readonly using?: string | undefined;
}

/** How results are made one answer. */
export interface SynthesisEntry {
  readonly task?: string | undefined;
  readonly using?: string | undefined;
  readonly conflict?: ConflictStrategy | undefined;
}

/** `consensus`: a vote over what models answer; its value is the question. */
export interface ConsensusSettings extends Omit<AskingSettings, "using" | "maxOutputTokens"> {
  readonly consensus: string;
  readonly input?: PlanValue | undefined;
  /** What is asked for: a text by default. */
  readonly answer?: "text" | "number" | "boolean" | readonly string[] | undefined;
  readonly of?: number | undefined;
  readonly rule?: RuleEntry | undefined;
  readonly weighted?: boolean | undefined;
  readonly temperature?: number | undefined;
  /** Who votes: one model, or several by turns. */
  readonly using?: string | readonly string[] | undefined;
  /** What the voters look at, by turns. */
  readonly perspectives?: readonly string[] | undefined;
}

/** When a vote is over. */
export type RuleEntry =
  | "majority"
  | "unanimous"
  | { readonly threshold: number }
  | { readonly lead: number }
  | { readonly window: number }
  | { readonly beta: number }
  | { readonly thresholds: Readonly<Record<string, number>> };

/** `aspects`: one text reviewed under several aspects at once. */
export interface AspectsSettings extends AskingSettings {
  readonly aspects: readonly (string | AspectEntry)[];
  readonly input: PlanValue;
}

/** An aspect of one's own. */
export interface AspectEntry {
  readonly name: string;
  readonly about: string;
  readonly using?: string | undefined;
}

/** `condense`: what many documents say; its value is the list of them. */
export interface CondenseSettings extends AskingSettings {
  readonly condense: string | readonly PlanValue[];
  readonly task: string;
  readonly contextTokens?: number | undefined;
}

/** `synthesize`: one answer of several results; its value is the question, or what to write. */
export interface SynthesizeSettings extends AskingSettings {
  readonly synthesize: string;
  /** The tasks whose results are used, whatever becomes of them. */
  readonly from: readonly string[];
  readonly conflict?: ConflictStrategy | undefined;
}

/** `agent`: a model that calls tools until it has an answer; its value is what it is to do. */
export interface AgentSettings extends AskingSettings {
  readonly agent: string;
  readonly instructions?: string | undefined;
  /** The folder that its tools work in, relative to the plan. */
  readonly root?: string | undefined;
  /** Whether it may change files and run commands. */
  readonly write?: boolean | undefined;
  readonly maxSteps?: number | undefined;
  /** The shape of the answer, as JSON Schema. */
  readonly schema?: Readonly<Record<string, PlanValue>> | undefined;
}

/** A model that a plan defines, under `models`. */
export interface ModelDefinition {
  /** `provider/model`; with a `baseUrl` what that service calls it. */
  readonly model: string;
  /** A service that speaks like OpenAI. */
  readonly baseUrl?: string | undefined;
  /** The environment variable that holds the key. */
  readonly keyFrom?: string | undefined;
  /** How many calls run at once. */
  readonly concurrency?: number | undefined;
  readonly requestsPerMinute?: number | undefined;
  readonly tokensPerMinute?: number | undefined;
  /** What its calls may cost, in US dollars. */
  readonly budget?: number | undefined;
  /** The context window, in tokens. */
  readonly contextTokens?: number | undefined;
  /** How often a request that fails in passing is made, the first included. */
  readonly attempts?: number | undefined;
}
