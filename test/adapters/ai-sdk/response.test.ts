/** Which response a call is of. */
import { describe, expect, test } from "vitest";
import { Response, Responses } from "../../../src/adapters/ai-sdk/response.ts";

function responseWith(...ids: readonly string[]): Response {
  const response = new Response({ isStream: true, signal: undefined });
  for (const id of ids) {
    response.add(id, true);
  }
  return response;
}

describe("responses", () => {
  test("finds the one response that has an unclaimed call of an id", () => {
    const responses = new Responses();
    const [first, second] = [responseWith("1", "2"), responseWith("2", "3")];
    responses.add(first);
    responses.add(second);
    expect(responses.find("1")).toBe(first);
    expect(responses.find("3")).toBe(second);
    expect(responses.find("4")).toBeUndefined();
    // It may be of either.
    expect(responses.find("2")).toBeUndefined();
    expect(first.claim("2")).toBe(1);
    expect(responses.find("2")).toBe(second);
    responses.delete(second);
    expect(responses.find("2")).toBeUndefined();
  });

  test("keeps the latest hundred", () => {
    const responses = new Responses();
    for (let n = 0; n < 150; n += 1) {
      responses.add(responseWith(`${n}`));
    }
    expect(responses.find("49")).toBeUndefined();
    expect(responses.find("50")).toBeDefined();
    expect(responses.find("149")).toBeDefined();
  });
});

describe("response", () => {
  test("gives each call of one id a place of its own", () => {
    const response = responseWith("1", "1", "2");
    expect([response.isAmbiguous("1"), response.isAmbiguous("2")]).toEqual([true, false]);
    expect([response.claim("1"), response.claim("1"), response.claim("1")]).toEqual([
      0,
      1,
      undefined,
    ]);
    expect([response.isKnownBefore(2), response.isKnown]).toEqual([true, false]);
  });

  test("tells once how it ended", () => {
    const told: unknown[] = [];
    const listener = {
      onComplete: () => told.push("complete"),
      onBroken: (reason: unknown) => told.push(reason),
    };
    const complete = responseWith();
    complete.listen(listener);
    complete.complete();
    complete.break("late");
    const broken = responseWith();
    broken.listen(listener);
    broken.break("lost");
    broken.complete();
    expect(told).toEqual(["complete", "lost"]);
  });
});
