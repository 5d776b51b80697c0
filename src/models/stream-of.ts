/** The answer of any model, bit by bit. */
import type { Model, ModelCallOptions, ModelPart, ModelRequest } from "./model.ts";
import { partsOf } from "./response.ts";

/**
 * Streams the answer of a model; of one that cannot stream, all of it at its end.
 *
 * @example
 * ```ts
 * import { streamOf } from "fanfold/models";
 * import { scripted } from "fanfold/testing";
 *
 * const model = scripted([{ text: ["Good ", "morning"] }]);
 * const { signal } = new AbortController();
 * for await (const part of streamOf(model, { prompt: "Hello" }, { signal })) {
 *   if (part.type === "text") console.log(part.text);
 * }
 * ```
 */
export async function* streamOf(
  model: Model,
  request: ModelRequest,
  options: ModelCallOptions,
): AsyncGenerator<ModelPart, void, undefined> {
  if (model.stream === undefined) {
    yield* partsOf(await model.generate(request, options));
  } else {
    yield* model.stream(request, options);
  }
}
