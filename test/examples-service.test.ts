/** The examples that ask models also run against a service, unchanged. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { settle, type Outcome, type TaskContext } from "fanfold";
import { beforeAll, describe, expect, test } from "vitest";
import { findExamples, runExample, type Example } from "../scripts/run-example.ts";
import { modelServer, type ModelServer } from "./models/model-server.ts";
import { obliging } from "./support/obliging-service.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const asking = findExamples().filter(({ path }) =>
  /\bMODEL_URL\b/.test(readFileSync(join(ROOT, path), "utf8")),
);

describe("examples that ask models", () => {
  let outcomes: Readonly<Record<string, Outcome<number>>> = {};

  beforeAll(async () => {
    outcomes = await settle(
      Object.fromEntries(
        asking.map((example) => [example.name, (ctx: TaskContext) => askedBy(example, ctx)]),
      ),
      { limit: 3, timeoutMs: 30_000 },
    );
  }, 120_000);

  test.each(asking)("$path runs against any service of the environment", ({ name }) => {
    const outcome = outcomes[name];
    if (outcome?.status !== "completed")
      throw outcome?.status === "failed" ? outcome.error : outcome;
    expect(outcome.value).toBeGreaterThan(0);
  });
});

/** How many requests an example makes of a service of its own. */
async function askedBy(example: Example, ctx: TaskContext): Promise<number> {
  const server: ModelServer = await modelServer(obliging);
  try {
    await runExample(example, {
      signal: ctx.signal,
      env: { MODEL_URL: server.url, MODEL_NAME: "any", MODEL_KEY: "a-key-of-the-test" },
    });
    return server.received.length;
  } finally {
    await server.close();
  }
}
