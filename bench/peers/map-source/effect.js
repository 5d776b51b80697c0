/** `effect`: a stream of an async iterable. */
import { Effect, Stream } from "effect";

export async function run({ source, task }, limit) {
  let count = 0;
  const stream = Stream.fromAsyncIterable(source(), (error) => error).pipe(
    Stream.mapEffect((item) => Effect.promise(() => task(item)), {
      concurrency: limit,
      unordered: true,
    }),
    Stream.runForEach((value) =>
      Effect.sync(() => {
        count += value < 0 ? 0 : 1;
      }),
    ),
  );
  await Effect.runPromise(stream);
  return count;
}
