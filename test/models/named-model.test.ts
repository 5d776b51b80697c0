import { describe, expect, test } from "vitest";
import { namedModel } from "../../src/models/index.ts";

const OWN = { OPENAI_BASE_URL: "http://own:1/v1" };

describe("namedModel", () => {
  test.each([
    ["openai/gpt-4o", { OPENAI_API_KEY: "k" }, "api.openai.com/gpt-4o"],
    ["gpt-4o", { OPENAI_API_KEY: "k" }, "api.openai.com/gpt-4o"],
    ["groq/llama-3.3-70b", { GROQ_API_KEY: "k" }, "api.groq.com/llama-3.3-70b"],
    ["openrouter/a/b", { OPENROUTER_API_KEY: "k" }, "openrouter.ai/a/b"],
    ["ollama/qwen3:8b", {}, "127.0.0.1:11434/qwen3:8b"],
    ["openai/gpt-4o", OWN, "own:1/gpt-4o"],
    ["gpt-4o", OWN, "own:1/gpt-4o"],
    ["any/model", OWN, "own:1/any/model"],
    ["groq/x", { ...OWN, GROQ_API_KEY: "k" }, "api.groq.com/x"],
  ])("finds %s with %j as %s", (name, env, expected) => {
    expect(namedModel(name, { env }).name).toBe(expected);
  });

  test("asks the service of an address by the whole name", () => {
    const model = namedModel("groq/x", { baseUrl: "http://host:2/v1", env: {} });
    expect(model.name).toBe("host:2/groq/x");
  });

  test.each([
    ["groq/x", {}, 'Cannot ask model "groq/x" as there is no key for it: set GROQ_API_KEY'],
    ["groq/x", { GROQ_API_KEY: " " }, "set GROQ_API_KEY"],
    ["openai/x", {}, "set OPENAI_API_KEY, or OPENAI_BASE_URL to another service"],
    ["gorq/x", {}, '(did you mean "groq"?)'],
  ])("refuses %s with %j, and says what to set", (name, env, message) => {
    expect(() => namedModel(name, { env })).toThrow(message);
  });
});
