/** What the kinds of tasks are told by a plan: the fields that belong to one kind alone. Texts may hold references. */
import type {
  AgentSettings,
  AspectsSettings,
  CondenseSettings,
  ConsensusSettings,
  ModelSettings,
  SectionsSettings,
  SynthesizeSettings,
} from "./model-settings.ts";

/** A text, or values of any depth with texts in them. */
export type PlanValue =
  | string
  | number
  | boolean
  | null
  | readonly PlanValue[]
  | { readonly [name: string]: PlanValue };

/** `command`: a text for the shell, or a list of a program and its arguments. */
export interface CommandSettings {
  readonly command: string | readonly [string, ...string[]];
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string | number | boolean>> | undefined;
  readonly stdin?: string | undefined;
}

/** `read`: paths and globs of files. */
export interface ReadSettings {
  readonly read: string | readonly string[];
}

/** `search`: a regular expression, and the folders to look in. */
export interface SearchSettings {
  readonly search: string;
  readonly in?: string | readonly string[] | undefined;
  readonly files?: string | readonly string[] | undefined;
  readonly ignoreCase?: boolean | undefined;
  readonly literal?: boolean | undefined;
}

/** `write`: a file, replaced as a whole. */
export interface WriteSettings {
  readonly write: string;
  readonly content: PlanValue;
}

/** `http`: an address, or a request. */
export interface HttpSettings {
  readonly http:
    | string
    | {
        readonly url: string;
        readonly method?: string | undefined;
        readonly headers?: Readonly<Record<string, string>> | undefined;
        readonly body?: string | undefined;
        readonly json?: PlanValue | undefined;
      };
}

/** `module`: an exported function, as `./file.js#name`, and what it is called with. */
export interface ModuleSettings {
  readonly module: string;
  readonly with?: PlanValue | undefined;
}

/** `each`: a list, and the task that is run for each of its items. */
export interface EachSettings {
  readonly each: string | readonly PlanValue[];
  readonly do: TaskBody;
}

/** The settings of any kind. */
export type Settings =
  | CommandSettings
  | ReadSettings
  | SearchSettings
  | WriteSettings
  | HttpSettings
  | ModuleSettings
  | ModelSettings
  | SectionsSettings
  | ConsensusSettings
  | AspectsSettings
  | CondenseSettings
  | SynthesizeSettings
  | AgentSettings
  | EachSettings;

/** The name of each kind: the field that makes a task of it. */
export type KindName =
  | "command"
  | "read"
  | "search"
  | "write"
  | "http"
  | "module"
  | "model"
  | "sections"
  | "consensus"
  | "aspects"
  | "condense"
  | "synthesize"
  | "agent"
  | "each";

/** Declarations that any task may have, as a plan writes them. */
export interface Declarations {
  readonly after?: string | readonly AfterEntry[] | undefined;
  readonly reads?: string | readonly string[] | undefined;
  readonly writes?: string | readonly string[] | undefined;
  readonly exclusive?: boolean | undefined;
  readonly limit?: string | readonly string[] | undefined;
  readonly weight?: number | undefined;
  readonly timeout?: string | undefined;
  readonly deadline?: string | undefined;
  readonly grace?: string | undefined;
  readonly retry?: number | RetryEntry | undefined;
  readonly priority?: number | undefined;
  readonly when?: string | boolean | undefined;
  readonly always?: boolean | undefined;
  readonly expect?: string | undefined;
}

/** A task to come after, by name; `until: settled` means whatever became of it. */
export type AfterEntry =
  | string
  | { readonly task: string; readonly until?: "completed" | "settled" | undefined };

/** How a failed task is repeated. */
export interface RetryEntry {
  readonly attempts: number;
  readonly delay?: string | undefined;
  readonly maxDelay?: string | undefined;
  readonly factor?: number | undefined;
  readonly jitter?: "full" | "none" | undefined;
}

/** A task as a plan writes it. */
export type TaskBody = Settings & Declarations;
