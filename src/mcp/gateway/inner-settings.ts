/** The servers behind a gateway, as their file describes them. */
import type { Redact } from "../../recording/redact.ts";

/** A server behind a gateway: how it is reached, and how much may be asked of it. */
export interface InnerSettings {
  /** What it is called in names of tools, claims and errors. */
  readonly name: string;
  readonly target: ProgramTarget | AddressTarget;
  /** How many calls it gets at once. */
  readonly concurrency: number;
  /** How many calls may start in any 60 seconds. */
  readonly requestsPerMinute: number;
  /** How long a call may take, in milliseconds. */
  readonly timeoutMs: number;
  /** How long it may take to start and to list its tools, in milliseconds. */
  readonly startTimeoutMs: number;
  /** How often a call is tried that the server did not answer, where its tool only reads or is idempotent. */
  readonly attempts: number;
  /** Patterns of names, one of which a tool must match to be offered; where there are none, all are. */
  readonly allow: readonly string[];
  /** Patterns of the names of tools that are not offered. */
  readonly deny: readonly string[];
  /** What is known of single tools, by the name that the server has for them. */
  readonly tools: Readonly<Record<string, InnerTool>>;
  /** Takes the secrets of its configuration out of a text. */
  readonly redact: Redact;
}

/** A server that is started, and spoken to over its standard input and output. */
export interface ProgramTarget {
  readonly kind: "program";
  readonly command: string;
  readonly args: readonly string[];
  /** Its variables, besides a few that are safe. */
  readonly env: Readonly<Record<string, string>>;
  /** Where it runs; undefined for the folder of this process. */
  readonly cwd: string | undefined;
}

/** A server that runs elsewhere. */
export interface AddressTarget {
  readonly kind: "address";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether it speaks the transport of before 2025. */
  readonly isOld: boolean;
}

/** What is known of a tool. Any of `reads`, `writes` and `parallel` is in place of what the server says. */
export interface InnerTool {
  /** Paths, and names of other resources. */
  readonly reads?: readonly string[];
  readonly writes?: readonly string[];
  /** Whether its calls may overlap any others; `false`: none of its server. */
  readonly parallel?: boolean;
  readonly timeoutMs?: number;
}
