/** `openaiCompatible`: models of services that speak like that of OpenAI. */
import type { AiSdkLanguageModel } from "./ai-sdk/specification.ts";
import { fromAiSdk } from "./from-ai-sdk.ts";
import { jsonSchemaOf } from "./json-schema-of.ts";
import type { Model, ModelCallOptions, ModelRequest } from "./model.ts";
import { isOpenai, OPENAI_KEY } from "./model-location.ts";
import { isStrict } from "./openai/strict-schema.ts";
import { withoutSecrets } from "./openai/secrets.ts";
import { usageOfService } from "./openai/usage.ts";
import { streamOf } from "./stream-of.ts";

/** Options of {@link openaiCompatible}. */
export interface OpenaiCompatibleOptions {
  /** Where the service is, with its version, such as `http://localhost:11434/v1`. No key belongs in it. */
  readonly baseUrl: string;
  /** What the service calls the model. */
  readonly model: string;
  /** The key of the service, sent as a bearer token. @defaultValue for `api.openai.com` the environment variable `OPENAI_API_KEY`; else none */
  readonly apiKey?: string | undefined;
  /** What reports and prices call the service. @defaultValue the host of `baseUrl`, with its port */
  readonly provider?: string | undefined;
  /** Headers for every request. Their values are as secret as the key. @defaultValue none */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * Whether the service takes the schema of an answer (`response_format: json_schema`). Where it does not, the schema is put into words
   * after the instructions. @defaultValue true
   */
  readonly structuredOutputs?: boolean | undefined;
  /** Whether the service says what a stream took when it is asked to (`stream_options`). @defaultValue true */
  readonly streamUsage?: boolean | undefined;
}

/**
 * Makes a model of a service that has the chat completions of OpenAI: OpenAI itself, Ollama, vLLM, llama.cpp, and gateways. The client is
 * loaded with the first request.
 *
 * The key, and the values of `headers`, are in no error that the model throws, also where a service sends them back.
 *
 * @throws `TypeError` when `baseUrl` is no address of HTTP or has a key in it, or when a key or header cannot be sent.
 * @example
 * ```ts
 * import { openaiCompatible } from "fanfold/models";
 *
 * const model = openaiCompatible({ baseUrl: "http://localhost:11434/v1", model: "qwen3:8b" });
 * console.log(model.name); // localhost:11434/qwen3:8b
 * ```
 */
export function openaiCompatible(options: OpenaiCompatibleOptions): Model {
  const { model, structuredOutputs = true } = options;
  const url = addressOf(options.baseUrl);
  const { apiKey = isOpenai(options.baseUrl) ? process.env[OPENAI_KEY] : undefined } = options;
  const headers = headersOf(apiKey, options.headers);
  const secrets = [apiKey, ...Object.values(options.headers ?? {})].filter(isSecret);
  const name = `${options.provider ?? url.host}/${model}`;
  let loading: Promise<Model> | undefined;
  const load = async (): Promise<Model> => {
    loading ??= loadModel(options, headers).then((loaded) => fromAiSdk(loaded, { name }));
    return await loading;
  };
  const asked = (request: ModelRequest): ModelRequest =>
    structuredOutputs ? request : withSchemaInWords(request);
  return {
    name,
    async generate(request, callOptions) {
      try {
        return await (await load()).generate(asked(request), callOptions);
      } catch (error) {
        throw withoutSecrets(error, secrets);
      }
    },
    async *stream(request: ModelRequest, callOptions: ModelCallOptions) {
      try {
        yield* streamOf(await load(), asked(request), callOptions);
      } catch (error) {
        throw withoutSecrets(error, secrets);
      }
    },
  };
}

async function loadModel(
  {
    baseUrl,
    model,
    provider,
    structuredOutputs = true,
    streamUsage = true,
  }: OpenaiCompatibleOptions,
  headers: Record<string, string>,
): Promise<AiSdkLanguageModel> {
  const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible");
  return createOpenAICompatible({
    baseURL: baseUrl,
    name: provider ?? "openaiCompatible",
    headers,
    supportsStructuredOutputs: structuredOutputs,
    includeUsage: streamUsage,
    convertUsage: usageOfService,
    transformRequestBody: withStrictness,
  }).chatModel(model);
}

function addressOf(baseUrl: string): URL {
  if (!URL.canParse(baseUrl) || !/^https?:$/.test(new URL(baseUrl).protocol)) {
    throw new TypeError(
      `Cannot reach a model as "baseUrl" must be an address of HTTP: ${JSON.stringify(baseUrl)}`,
    );
  }
  const url = new URL(baseUrl);
  if (url.username !== "" || url.password !== "" || url.search !== "") {
    throw new TypeError(
      `Cannot reach a model as "baseUrl" must have no user, password or query in it: give "apiKey" or "headers" for ${url.host}`,
    );
  }
  return url;
}

function headersOf(
  apiKey: string | undefined,
  given: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const headers = {
    ...(apiKey === undefined || apiKey === "" ? {} : { Authorization: `Bearer ${apiKey}` }),
    ...given,
  };
  for (const [name, value] of Object.entries(headers)) {
    // The client would refuse it with an error that shows it.
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      throw new TypeError(
        `Cannot reach a model as a header must be one line of plain text: ${name === "Authorization" ? '"apiKey"' : JSON.stringify(name)}`,
      );
    }
  }
  return headers;
}

/** Short values, such as the name of an application, are none: taking them out would spoil errors. */
function isSecret(value: string | undefined): value is string {
  return value !== undefined && value.length >= 8;
}

function withSchemaInWords(request: ModelRequest): ModelRequest {
  const { instructions, schema } = request;
  if (schema === undefined) {
    return request;
  }
  const words = `Answer with JSON that fits this JSON Schema, and nothing else:\n${JSON.stringify(jsonSchemaOf(schema))}`;
  return {
    ...request,
    instructions: instructions === undefined ? words : `${instructions}\n\n${words}`,
  };
}

interface Body {
  readonly response_format?: {
    readonly json_schema?: { readonly schema: Record<string, unknown> };
  };
}

/** Says `strict` of the schemas that may be it: OpenAI refuses others. */
function withStrictness(body: Record<string, unknown>): Record<string, unknown> {
  const { response_format: format }: Body = body;
  if (format?.json_schema === undefined) {
    return body;
  }
  const strict = isStrict(format.json_schema.schema);
  return {
    ...body,
    response_format: { ...format, json_schema: { ...format.json_schema, strict } },
  };
}
