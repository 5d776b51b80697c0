// The bytes of a stream of events are counted event by event, however the stream is cut into parts.
import fc from "fast-check";
import { expect, test } from "vitest";
import { EventBytes } from "../../../src/mcp/gateway/event-bytes.ts";

test("the longest event of a stream is found, whatever its lines end with and wherever its parts begin", () => {
  const word = fc.constantFrom("data: é", ": ping", "a", "\n", "\r", "\r\n", "\n\n", "\r\n\r\n");
  const stream = fc.array(word, { maxLength: 30 }).map((words) => Buffer.from(words.join("")));
  fc.assert(
    fc.property(stream, fc.array(fc.nat(20)), (bytes, sizes) => {
      const counter = new EventBytes();
      const longest = Math.max(0, ...partsOf(bytes, sizes).map((part) => counter.add(part)));
      // The second half of a pair that ends an event may be counted to the next.
      expect(Math.abs(longest - longestEventOf(bytes))).toBeLessThanOrEqual(1);
    }),
    { numRuns: 1000 },
  );
});

function partsOf(bytes: Buffer, sizes: readonly number[]): readonly Buffer[] {
  const parts: Buffer[] = [];
  let start = 0;
  for (const size of sizes) {
    parts.push(bytes.subarray(start, start + size));
    start += size;
  }
  return [...parts, bytes.subarray(start)];
}

/** Line by line, of the stream as a whole. */
function longestEventOf(bytes: Buffer): number {
  const lines = bytes.toString("latin1").match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [];
  const events = [0];
  for (const line of lines) {
    events[events.length - 1]! += line.length;
    if (line.trim() === "") {
      events.push(0);
    }
  }
  return Math.max(...events);
}
