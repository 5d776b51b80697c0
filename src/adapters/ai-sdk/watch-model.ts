/** A model that works as before, while its responses are seen. */
import { Response, type Responses } from "./response.ts";
import {
  allowsTools,
  type Generated,
  type ModelParameters,
  type ResponsePart,
  type SdkModel,
  type Streamed,
} from "./sdk.ts";

/** Where responses are told of, and which tools matter. */
export interface Watch {
  readonly responses: Responses;
  readonly isWrapped: (toolName: string) => boolean;
}

/**
 * The same model, of the same class, with the same fields.
 *
 * @throws `TypeError` when it is no model, but only the name of one.
 */
export function watchModel<Model>(model: Model, watch: Watch): Model {
  if (!isModel(model)) {
    const given = typeof model === "string" ? JSON.stringify(model) : typeof model;
    throw new TypeError(
      `Cannot watch a model as it must be the model itself, such as \`gateway("…")\` or \`openai("…")\`, and not its name: ${given}`,
    );
  }
  const watched = {
    doGenerate: async (params: ModelParameters): Promise<Generated> =>
      noteGenerated(await model.doGenerate(params), params, watch),
    doStream: async (params: ModelParameters): Promise<Streamed> => {
      const streamed = await model.doStream(params);
      return { ...streamed, stream: noteStream(streamed.stream, params, watch) };
    },
  };
  return new Proxy(model, {
    get(target, key) {
      if (key === "doGenerate" || key === "doStream") {
        return watched[key];
      }
      // With itself as `this`: classes may have private fields.
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

function isModel<Model>(model: Model): model is Model & SdkModel {
  return (
    typeof model === "object" && model !== null && "doGenerate" in model && "doStream" in model
  );
}

function noteGenerated(generated: Generated, params: ModelParameters, watch: Watch): Generated {
  if (allowsTools(generated.finishReason)) {
    const response = new Response({ isStream: false, signal: params.abortSignal });
    for (const part of generated.content) {
      notePart(response, part, watch);
    }
    response.complete();
    watch.responses.add(response);
  }
  return generated;
}

/** Hands on each part as it comes, and reads no further than is asked for. */
function noteStream(
  source: ReadableStream<ResponsePart>,
  params: ModelParameters,
  watch: Watch,
): ReadableStream<ResponsePart> {
  const response = new Response({ isStream: true, signal: params.abortSignal });
  watch.responses.add(response);
  const end = (reason: unknown): void => {
    response.break(reason); // Nothing where it is complete.
    if (!response.isComplete) {
      watch.responses.delete(response);
    }
  };
  const reader = source.getReader();
  return new ReadableStream<ResponsePart>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) {
            end(new Error("The response of the model ended before it was complete"));
            controller.close();
          } else {
            notePart(response, value, watch);
            controller.enqueue(value);
          }
        } catch (error) {
          end(error);
          controller.error(error);
        }
      },
      async cancel(reason) {
        end(reason);
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

function notePart(response: Response, part: ResponsePart, { isWrapped }: Watch): void {
  const { type, toolCallId, toolName = "", providerExecuted = false, finishReason } = part;
  if (type === "tool-call" && toolCallId !== undefined) {
    response.add(toolCallId, isWrapped(toolName) && !providerExecuted);
  } else if (type === "finish" && allowsTools(finishReason)) {
    response.complete();
  } else if (type === "finish") {
    response.break(new Error("The response of the model ended for a reason that allows no tools"));
  }
}
