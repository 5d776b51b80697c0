/** Both versions of the SDK by one shape, so that one suite holds for both. What their own types infer is in `types.ts`. */
import * as ai6 from "ai6";
import { MockLanguageModelV3 } from "ai6/test";
import * as ai7 from "ai7";
import { MockLanguageModelV4 } from "ai7/test";
import { streamOf, type Part, type ScriptedResponse } from "./script.ts";

/** Options of a run, as far as tests use them. */
export interface RunOptions {
  readonly model: object;
  readonly tools: object;
  readonly prompt?: string;
  readonly messages?: readonly Message[];
  readonly abortSignal?: AbortSignal;
  /** The most steps. @defaultValue 5 */
  readonly steps?: number;
  readonly [option: string]: unknown;
}

/** A message of a transcript. */
export interface Message {
  readonly role: string;
  readonly content: string | readonly Part[];
}

/** What came of a run. */
export interface RunResult {
  readonly text: string;
  /** Every part of all steps, in order. */
  readonly content: readonly Part[];
  /** What a next run would be given. */
  readonly messages: readonly Message[];
  /** What was in the way of a stream. */
  readonly errors: readonly unknown[];
  /** The parts of the stream, if it was one. */
  readonly parts: readonly Part[];
}

/** One way to run tools. */
export interface Sdk {
  readonly name: string;
  readonly version: 6 | 7;
  readonly isStream: boolean;
  run(options: RunOptions): Promise<RunResult>;
}

/** A model that gives these responses one after another, each in one piece or as a stream. */
export interface ScriptedModel {
  /** What it was asked. */
  readonly requests: readonly { readonly prompt: unknown }[];
}

type Answer = ScriptedResponse | ReadableStream<Part> | (() => unknown);

export function scriptedModel(version: 6 | 7, answers: readonly Answer[]): ScriptedModel & object {
  const requests: { prompt: unknown }[] = [];
  const next = (request: unknown): Answer => {
    requests.push(request as { prompt: unknown });
    const answer = answers[requests.length - 1];
    if (answer === undefined) {
      throw new Error(`The script has no answer ${requests.length}`);
    }
    return answer;
  };
  const behaviour = {
    doGenerate: async (request: unknown) => {
      const answer = next(request);
      return typeof answer === "function" ? await answer() : answer;
    },
    doStream: async (request: unknown) => {
      const answer = next(request);
      if (typeof answer === "function") {
        return await answer();
      }
      return { stream: answer instanceof ReadableStream ? answer : streamOf(answer) };
    },
  };
  const Model = version === 6 ? MockLanguageModelV3 : MockLanguageModelV4;
  const model = new Model(behaviour as never);
  return Object.assign(model, { requests });
}

interface StepLike {
  readonly content: readonly Part[];
}

interface Generated {
  readonly text: string;
  readonly steps: readonly StepLike[];
  readonly response: { readonly messages: readonly Message[] };
  readonly responseMessages?: readonly Message[];
}

function resultOf(result: Generated): RunResult {
  return {
    text: result.text,
    content: result.steps.flatMap(({ content }) => content),
    messages: result.responseMessages ?? result.response.messages,
    errors: [],
    parts: [],
  };
}

interface StreamedLike {
  readonly fullStream: AsyncIterable<Part>;
  readonly text: PromiseLike<string>;
  readonly steps: PromiseLike<readonly StepLike[]>;
  readonly response: PromiseLike<{ readonly messages: readonly Message[] }>;
  readonly responseMessages?: PromiseLike<readonly Message[]>;
}

/** Reads a stream to its end. */
export async function readAll(streamed: StreamedLike): Promise<RunResult> {
  const parts: Part[] = [];
  for await (const part of streamed.fullStream) {
    parts.push(part);
  }
  const errors = parts.filter(({ type }) => type === "error").map(({ error }) => error);
  const read = async <T>(value: PromiseLike<T> | undefined, otherwise: T): Promise<T> => {
    try {
      return (await value) ?? otherwise;
    } catch {
      return otherwise;
    }
  };
  const steps = await read(streamed.steps, []);
  const response = await read(streamed.response, { messages: [] });
  return {
    text: await read(streamed.text, ""),
    content: steps.flatMap(({ content }) => content),
    messages: await read(streamed.responseMessages, response.messages),
    errors,
    parts,
  };
}

/** The functions of a version, by a shape that both have. */
interface Functions {
  generateText(options: object): Promise<Generated>;
  streamText(options: object): StreamedLike;
  readonly ToolLoopAgent: new (settings: object) => {
    generate(options: object): Promise<Generated>;
    stream(options: object): Promise<StreamedLike>;
  };
  stepCountIs(count: number): unknown;
}

function sdksOf(version: 6 | 7, functions: Functions): readonly Sdk[] {
  const { generateText, streamText, ToolLoopAgent, stepCountIs } = functions;
  const settingsOf = ({ steps = 5, ...rest }: RunOptions): object => ({
    stopWhen: stepCountIs(steps),
    onError: () => {},
    ...(rest.messages === undefined && rest.prompt === undefined ? { prompt: "Go" } : {}),
    ...rest,
  });
  const agentOf = (
    options: RunOptions,
  ): readonly [InstanceType<Functions["ToolLoopAgent"]>, object] => {
    const { prompt, messages, abortSignal, experimental_sandbox, ...settings } = settingsOf(
      options,
    ) as RunOptions;
    const said = messages === undefined ? { prompt } : { messages };
    const call = { ...said, abortSignal, experimental_sandbox };
    return [new ToolLoopAgent(settings), call];
  };
  return [
    {
      name: `ai ${version} generateText`,
      version,
      isStream: false,
      run: async (options) => resultOf(await generateText(settingsOf(options))),
    },
    {
      name: `ai ${version} streamText`,
      version,
      isStream: true,
      run: async (options) => await readAll(streamText(settingsOf(options))),
    },
    {
      name: `ai ${version} ToolLoopAgent.generate`,
      version,
      isStream: false,
      run: async (options) => {
        const [agent, call] = agentOf(options);
        return resultOf(await agent.generate(call));
      },
    },
    {
      name: `ai ${version} ToolLoopAgent.stream`,
      version,
      isStream: true,
      run: async (options) => {
        const [agent, call] = agentOf(options);
        return await readAll(await agent.stream(call));
      },
    },
  ];
}

/** Every way to run tools. */
export const sdks: readonly Sdk[] = [
  ...sdksOf(6, ai6 as unknown as Functions),
  ...sdksOf(7, ai7 as unknown as Functions),
];

/** Those whose responses are streams. */
export const streams = sdks.filter(({ isStream }) => isStream);

/** Makes the warnings of the SDK silent: tests of what it warns about are meant. */
export function silence(): void {
  (globalThis as { AI_SDK_LOG_WARNINGS?: boolean }).AI_SDK_LOG_WARNINGS = false;
}
