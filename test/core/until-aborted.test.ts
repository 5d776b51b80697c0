import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { untilAborted } from "../../src/core/until-aborted.ts";

test("untilAborted hands on what comes, and leaves no listener behind", async () => {
  const { signal } = new AbortController();
  expect(await untilAborted(signal, Promise.resolve(1))).toBe(1);
  const error = new Error("no");
  await expect(untilAborted(signal, Promise.reject(error))).rejects.toBe(error);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("untilAborted throws the reason, whatever the other one makes of it", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const reason = new Error("enough");
  const other = new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error("This operation was aborted")));
  });
  const both = [untilAborted(signal, other), untilAborted(signal, new Promise(() => {}))];
  controller.abort(reason);
  for (const each of both) await expect(each).rejects.toBe(reason);
  await expect(untilAborted(signal, Promise.resolve(1))).rejects.toBe(reason);
});
