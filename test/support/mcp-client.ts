/** Clients of the built `fanfold mcp`, over real pipes. */
import { fileURLToPath } from "node:url";
import type { ShownPart } from "../../src/mcp/shown-result.ts";

/** The built command. */
export const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** An answer, as far as tests look at it. */
export interface Answer {
  readonly text: string;
  readonly isError: boolean;
  readonly data: {
    readonly summary: string;
    readonly steps: readonly ShownPart[];
    readonly [key: string]: unknown;
  };
}

/** What a call comes with. */
export interface CallExtras {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** What a server says while it works. */
export interface Progress {
  readonly progress: number;
  readonly total?: number | undefined;
  readonly message?: string | undefined;
}

/** A connected client. */
export interface McpSession {
  readonly pid: number;
  readonly instructions: string;
  tools(): Promise<readonly { readonly name: string; readonly annotations?: object | undefined }[]>;
  call(
    name: string,
    given: Readonly<Record<string, unknown>>,
    extras?: CallExtras,
  ): Promise<Answer>;
  close(): Promise<void>;
}

/** Starts a server with these arguments, in that folder, and connects to it. */
export type Connect = (args: readonly string[], cwd: string) => Promise<McpSession>;

/** An answer of any client. */
export function answerOf(result: unknown): Answer {
  const { content, structuredContent, isError } = result as {
    readonly content: readonly { readonly text: string }[];
    readonly structuredContent?: Answer["data"];
    readonly isError?: boolean;
  };
  return {
    text: content.map(({ text }) => text).join("\n"),
    isError: isError === true,
    data: structuredContent ?? { summary: "", steps: [] },
  };
}
