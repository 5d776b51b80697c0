import { describe, expect, test } from "vitest";
import { isToolCall, positionOf } from "../../../src/adapters/langchain/langchain-tool.ts";
import { parallelTools } from "../../../src/adapters/langchain/index.ts";

const first = { tool_calls: [{ id: "a" }, { id: "b" }] };
const second = { tool_calls: [{ id: "c" }, { id: "a" }] };
const call = { type: "tool_call", id: "a", name: "look", args: {} } as const;

describe("the place of a call among those of its response", () => {
  test.each([
    [[first], 0],
    [{ messages: [first] }, 0],
    [{ messages: [first, second, { content: "later" }] }, 1],
    [{ messages: [] }, undefined],
    [{ messages: "none" }, undefined],
    [undefined, undefined],
    [7, undefined],
  ])("in the state %j it is %j", (state, position) => {
    expect(positionOf(call, state)).toBe(position);
  });

  test("calls that are made in another order run in that of the response", async () => {
    const order: unknown[] = [];
    const look = {
      name: "look",
      invoke: async (input: unknown, _config?: unknown) => {
        order.push(isToolCall(input) ? input.id : input);
      },
    };
    const [tool] = parallelTools([look]);
    const config = {};
    const state = { messages: [{ tool_calls: [{ id: "a" }, { id: "b" }, { id: "c" }] }] };
    await Promise.all(
      ["c", "a", "b"].map((id) => tool!.invoke({ ...call, id }, { config, state })),
    );
    expect(order).toEqual(["a", "b", "c"]);
  });

  test("a tool with private state is invoked as itself", async () => {
    class Counter {
      readonly name = "count";
      #count = 0;
      get schema(): number {
        return this.#count;
      }
      invoke(): Promise<number> {
        this.#count += 1;
        return Promise.resolve(this.#count);
      }
    }
    const [counter] = parallelTools([new Counter()]);
    expect(await counter!.invoke()).toBe(1);
    expect(counter!.schema).toBe(1);
    expect(counter).toBeInstanceOf(Counter);
  });
});
