/** What a model said, in the words of the AI SDK and in ours: there, back, and as it is handed back to the same provider. */
import type { ToolCall } from "../../tools/result.ts";
import type { AssistantMessage, FinishReason, ModelUsage } from "../model.ts";
import type { Answer } from "../response.ts";
import type {
  AiSdkContent,
  AiSdkFinishReason,
  AiSdkJson,
  AiSdkMadePart,
  AiSdkProviderOptions,
  AiSdkUsage,
} from "./specification.ts";

/** A part of an answer that the provider wants to have back, as plain data. */
export interface KeptPart {
  readonly type: string;
  readonly text?: string;
  readonly toolCallId?: string;
  readonly toolName?: string;
  /** The arguments of a call, as JSON. */
  readonly input?: string;
  readonly providerExecuted?: boolean;
  readonly result?: AiSdkJson;
  readonly isError?: boolean;
  readonly preliminary?: boolean;
  readonly providerMetadata?: AiSdkProviderOptions;
  readonly [field: string]: unknown;
}

/** What `raw` of a message is: the parts of the answer, and whose they are. */
interface Kept {
  readonly provider: string;
  readonly content: readonly KeptPart[];
}

/** Sources and requests for approval are no part of a conversation. */
const KEPT_TYPES: readonly string[] = [
  "text",
  "reasoning",
  "tool-call",
  "tool-result",
  "file",
  "reasoning-file",
  "custom",
];

/** Whether a part is handed back to the provider. */
export function isKept(part: AiSdkContent): boolean {
  return KEPT_TYPES.includes(part.type) && (part as KeptPart).preliminary !== true;
}

/** What has come from a service, with the end of its answer. */
export interface SaidByService {
  readonly content: readonly AiSdkContent[];
  readonly finishReason: AiSdkFinishReason;
  readonly usage: AiSdkUsage;
  readonly headers: Record<string, string> | undefined;
}

/** What a model said, in our words. */
export function answerOf(
  provider: string,
  { content, finishReason, usage, headers = {} }: SaidByService,
): Answer {
  const parts = content.filter(isKept).map((part) => plainData(part) as KeptPart);
  return {
    text: textOf(parts),
    toolCalls: parts.filter(isCallForUs).map(callOf),
    finishReason: reasonOf(finishReason),
    usage: usageOf(usage),
    headers: lowerCase(headers),
    raw: { provider, content: parts } satisfies Kept,
  };
}

/** Whether a part is a call that we are to run: providers run some by themselves. */
export function isCallForUs(part: AiSdkContent): boolean {
  return part.type === "tool-call" && (part as KeptPart).providerExecuted !== true;
}

/** A call, as we know it. */
export function callOf(part: AiSdkContent): ToolCall {
  const { toolCallId = "", toolName = "", input = "" } = part as KeptPart; // Of a call: the specification says so.
  return { id: toolCallId, name: toolName, inputText: input };
}

/** A message of the model, for the provider: whole where that wrote it and nobody has changed it since, else its text and its calls. */
export function partsOfMessage(provider: string, message: AssistantMessage): AiSdkMadePart[] {
  const { text, toolCalls } = message;
  const kept = keptIn(message);
  if (kept?.provider === provider) {
    return withIdsOf(toolCalls, kept.content).map(partOf);
  }
  return [...(text === "" ? [] : [{ type: "text", text }]), ...toolCalls.map(partOfCall)];
}

function keptIn({ raw, text, toolCalls }: AssistantMessage): Kept | undefined {
  const kept = raw as Partial<Kept> | null | undefined; // Every field is checked.
  if (typeof kept?.provider !== "string" || !Array.isArray(kept.content)) {
    return undefined;
  }
  const { provider, content } = kept as Kept;
  const calls = content.filter(isCallForUs).map(callOf);
  const isUnchanged =
    textOf(content) === text &&
    calls.length === toolCalls.length &&
    toolCalls.every((call, index) => isSame(call, calls[index]));
  return isUnchanged ? { provider, content } : undefined;
}

/** Whether a call is what the model wrote. Its id may be another: those that are empty or taken are replaced. */
function isSame(call: ToolCall, written: ToolCall | undefined): boolean {
  return call.name === written?.name && call.inputText === written.inputText;
}

/** Parts of an answer, with the ids that its calls have now. */
function withIdsOf(calls: readonly ToolCall[], content: readonly KeptPart[]): readonly KeptPart[] {
  const left = calls.values();
  return content.map((part) => {
    const call = isCallForUs(part) ? left.next().value : undefined;
    return call === undefined ? part : { ...part, toolCallId: call.id };
  });
}

/** Metadata goes back as options. Citations do not: only answers have them. */
function partOf({ providerMetadata, ...kept }: KeptPart): AiSdkMadePart {
  const part = without(kept, "citations");
  const options = providerMetadata === undefined ? {} : { providerOptions: providerMetadata };
  const { type, toolCallId, toolName } = part;
  switch (type) {
    case "tool-call": {
      const { providerExecuted } = part;
      const input = inputOf(callOf(part));
      return {
        type,
        toolCallId,
        toolName,
        input,
        ...(providerExecuted === undefined ? {} : { providerExecuted }),
        ...options,
      };
    }
    case "tool-result": {
      const output = { type: part.isError === true ? "error-json" : "json", value: part.result };
      return { type, toolCallId, toolName, output, ...options };
    }
    default:
      return { ...part, ...options };
  }
}

function without(part: KeptPart, name: string): KeptPart {
  return Object.fromEntries(Object.entries(part).filter(([key]) => key !== name)) as KeptPart; // Still has its type.
}

function partOfCall(call: ToolCall): AiSdkMadePart {
  return { type: "tool-call", toolCallId: call.id, toolName: call.name, input: inputOf(call) };
}

/** The arguments of a call. Where the model wrote no JSON, none: services refuse a conversation with anything else in it. */
function inputOf({ input, inputText = "" }: ToolCall): unknown {
  if (input !== undefined) {
    return input;
  }
  try {
    return JSON.parse(inputText) as unknown;
  } catch {
    return {};
  }
}

function textOf(parts: readonly KeptPart[]): string {
  return parts.map(({ type, text = "" }) => (type === "text" ? text : "")).join("");
}

const REASONS: readonly string[] = [
  "stop",
  "length",
  "content-filter",
  "tool-calls",
  "error",
] satisfies FinishReason[];

function reasonOf(reason: AiSdkFinishReason | undefined): FinishReason {
  const unified: string = reason?.unified ?? "other";
  return REASONS.includes(unified) ? (unified as FinishReason) : "other";
}

/** What services say of tokens is believed where it can be true. */
function usageOf(usage: Partial<AiSdkUsage> | undefined): ModelUsage {
  const inputTokens = count(usage?.inputTokens?.total, Infinity);
  const part = inputTokens ?? 0;
  return {
    inputTokens,
    outputTokens: count(usage?.outputTokens?.total, Infinity),
    cachedInputTokens: count(usage?.inputTokens?.cacheRead, part),
    cacheWriteTokens: count(usage?.inputTokens?.cacheWrite, part),
  };
}

function count(tokens: unknown, most: number): number | undefined {
  return typeof tokens === "number" && tokens >= 0 && tokens < Infinity && tokens <= most
    ? tokens
    : undefined;
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

/** The same without what is no JSON: bytes become base64, and what is undefined is left out. */
function plainData(value: unknown): unknown {
  if (value instanceof Uint8Array) {
    return Buffer.from(value).toString("base64");
  }
  if (value instanceof URL || value instanceof Date) {
    return value.toJSON();
  }
  if (Array.isArray(value)) {
    return value.map(plainData);
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([, each]) => each !== undefined);
    return Object.fromEntries(entries.map(([key, each]) => [key, plainData(each)]));
  }
  return value;
}
