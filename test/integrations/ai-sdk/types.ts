/** What the types of both versions of the SDK infer is the same with `parallel` as without. Compiled, not run: `types.test.ts`. */
import type { LanguageModelV3 } from "@ai-sdk/provider";
import * as ai6 from "ai6";
import { MockLanguageModelV3 } from "ai6/test";
import * as ai7 from "ai7";
import { MockLanguageModelV4 } from "ai7/test";
import { parallel } from "fanfold/ai-sdk";
import { z } from "zod";

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function holds<T extends true>(_?: T): void {}

const inputSchema = z.object({ path: z.string() });

export async function version6(): Promise<void> {
  const given = {
    readFile: ai6.tool({ inputSchema, execute: async ({ path }) => ({ text: path }) }),
    count: ai6.tool({
      inputSchema: z.object({ from: z.number().default(1) }),
      async *execute({ from }) {
        yield from;
      },
    }),
    ask: ai6.tool({ inputSchema, outputSchema: z.string() }),
    loose: ai6.dynamicTool({ inputSchema, execute: async () => 1 }),
  };
  const { tools, model } = parallel({
    tools: given,
    model: new MockLanguageModelV3(),
    declare: {
      readFile: { effect: "read", reads: ({ path }) => `file:${path}` },
      count: { reads: ({ from }) => `count:${from.toFixed()}` },
    },
  });
  holds<Same<typeof tools, typeof given>>();
  holds<Same<typeof model, MockLanguageModelV3>>();
  const result = await ai6.generateText({ model, tools, prompt: "Go" });
  for (const each of result.toolResults) {
    if (!each.dynamic && each.toolName === "readFile") {
      holds<Same<typeof each.output, { text: string }>>();
      holds<Same<typeof each.input, { path: string }>>();
    }
  }
  const agent = new ai6.ToolLoopAgent({ model, tools });
  holds<Same<typeof agent.tools, typeof given>>();

  // A model that is only known to be one; a whole ToolSet; no model.
  const anyModel: LanguageModelV3 = model;
  const toolSet: ai6.ToolSet = given;
  const loose = parallel({ tools: toolSet, model: anyModel, declare: { x: { parallel: true } } });
  await ai6.generateText({ ...loose, prompt: "Go" });
  holds<Same<ReturnType<typeof parallel<typeof given>>["model"], undefined>>();

  parallel({
    tools: given,
    declare: {
      // @ts-expect-error there is no such tool
      readFiles: { effect: "read" },
    },
  });
  parallel({
    tools: given,
    declare: {
      // @ts-expect-error its input has no such field
      readFile: { reads: ({ name }) => `file:${name}` },
    },
  });
}

export async function version7(): Promise<void> {
  const given = {
    readFile: ai7.tool({
      inputSchema,
      contextSchema: z.object({ user: z.string() }),
      execute: async ({ path }, { context }) => ({ text: path, user: context.user }),
    }),
    count: ai7.tool({
      inputSchema: z.object({ from: z.number().default(1) }),
      async *execute({ from }) {
        yield from;
      },
    }),
    ask: ai7.tool({ inputSchema, outputSchema: z.string() }),
  };
  const { tools, model, toolApproval } = parallel({
    tools: given,
    model: new MockLanguageModelV4(),
    declare: { readFile: { effect: "read", reads: ({ path }) => `file:${path}` } },
    toolApproval: { count: "approved" } as const,
  });
  holds<Same<typeof tools, typeof given>>();
  holds<Same<typeof model, MockLanguageModelV4>>();
  const toolsContext = { readFile: { user: "ada" } };
  const result = await ai7.generateText({ model, tools, toolApproval, toolsContext, prompt: "Go" });
  for (const each of result.toolResults) {
    if (!each.dynamic && each.toolName === "readFile") {
      holds<Same<typeof each.output, { text: string; user: string }>>();
    }
  }
  const streamed = ai7.streamText({ model, tools, toolsContext, prompt: "Go" });
  holds<Same<Awaited<typeof streamed.toolCalls>[number]["toolCallId"], string>>();
  const agent = new ai7.ToolLoopAgent({ model, tools, toolsContext });
  holds<Same<typeof agent.tools, typeof given>>();
}
