/** A model whose calls are counted. */
import type { Meter } from "./meter.ts";
import type { Model, ModelCallOptions, ModelPart, ModelRequest, ModelResponse } from "./model.ts";
import { promiseAndHands } from "../core/promise-and-hands.ts";
import { streamOf } from "./stream-of.ts";

/** The same model, whose calls `meter` counts. */
export function metered(model: Model, meter: Meter): Model {
  const { name } = model;
  return {
    name,
    generate: (request, options) => meter.count(name, () => model.generate(request, options)),
    stream: (request, options) => stream(model, meter, { request, options }),
  };
}

/** A stream is a call until it has been read to its end, broke off, or is read no more: then nobody knows what it took. */
async function* stream(
  model: Model,
  meter: Meter,
  { request, options }: { readonly request: ModelRequest; readonly options: ModelCallOptions },
): AsyncGenerator<ModelPart, void, undefined> {
  const { promise, resolve, reject } = promiseAndHands<ModelResponse>();
  const counted = meter.count(model.name, () => promise);
  counted.catch(() => undefined); // Whoever reads the stream is told.
  try {
    for await (const part of streamOf(model, request, options)) {
      if (part.type === "finish") {
        resolve(part.response);
        await counted;
      }
      yield part;
    }
  } catch (error) {
    reject(error);
    throw error;
  } finally {
    reject(new Error("it was read no more"));
  }
}
