/** `fromAiSdk`: a model of any provider package of the AI SDK. */
import { callOptionsOf } from "./ai-sdk/call-options.ts";
import { answerOf } from "./ai-sdk/content.ts";
import { lostConnection } from "./ai-sdk/lost-connection.ts";
import { readStream } from "./ai-sdk/read-stream.ts";
import type {
  AiSdkCallOptions,
  AiSdkLanguageModel,
  AiSdkProviderOptions,
} from "./ai-sdk/specification.ts";
import type { Model, ModelCallOptions, ModelRequest } from "./model.ts";
import { responseOf } from "./response.ts";
import { untilAborted } from "../core/until-aborted.ts";

/** Options of {@link fromAiSdk}. */
export interface FromAiSdkOptions {
  /** What reports and prices call it, as `provider/model`. @defaultValue as the package calls itself, such as `openai/gpt-5` */
  readonly name?: string | undefined;
  /** Settings that only a provider understands, as its package documents them: for each provider an object. @defaultValue none */
  readonly providerOptions?: AiSdkProviderOptions | undefined;
  /** Headers for every request. @defaultValue none */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * Makes a model of one of the AI SDK: of any provider package for `ai` 6 or 7. The package `ai` itself is not needed, and its retries do not
 * take part.
 *
 * `raw` of its messages is all that the model said, reasoning and signatures included; it goes back to the same provider whole, as long as text
 * and calls of the message are as they were.
 *
 * @throws `TypeError` when it speaks another version of the specification.
 */
export function fromAiSdk(model: AiSdkLanguageModel, options: FromAiSdkOptions = {}): Model {
  const { specificationVersion: version, provider, modelId } = model;
  if (version !== "v3" && version !== "v4") {
    throw new TypeError(
      `Cannot use model "${modelId}" as it must speak version 3 or 4 of the provider specification, for ai 6 or 7: ${JSON.stringify(version)}`,
    );
  }
  const [owner = provider] = provider.split("."); // As in `openai.chat`.
  const { name = `${owner}/${modelId}`, providerOptions, headers } = options;
  const callOptions = (request: ModelRequest, signal: AbortSignal): AiSdkCallOptions => ({
    ...callOptionsOf(owner, request),
    abortSignal: signal,
    ...(providerOptions === undefined ? {} : { providerOptions }),
    ...(headers === undefined ? {} : { headers: { ...headers } }),
  });
  return {
    name,
    async generate(request, { signal }) {
      signal.throwIfAborted();
      try {
        const call = model.doGenerate(callOptions(request, signal));
        const { response, ...said } = await untilAborted(signal, call);
        return await responseOf(request, answerOf(owner, { ...said, headers: response?.headers }));
      } catch (error) {
        throw lostConnection(error);
      }
    },
    async *stream(request: ModelRequest, { signal }: ModelCallOptions) {
      signal.throwIfAborted();
      try {
        const call = model.doStream(callOptions(request, signal));
        const result = await untilAborted(signal, call);
        const said = yield* readStream(result, signal);
        yield { type: "finish", response: await responseOf(request, answerOf(owner, said)) };
      } catch (error) {
        throw lostConnection(error);
      }
    },
  };
}
