import { generateText, stepCountIs, tool } from "ai7";
import { parallel } from "fanfold/ai-sdk";
import { describeTurn } from "fanfold/tools";
import { z } from "zod";
import { clock, gpt, sleep } from "./example-model.ts"; // A model that follows a script.

const files = new Map([
  ["a.ts", "export const a = 1;"],
  ["b.ts", 'import { a } from "./a.ts";'],
]);
const path = z.string().describe("Relative to the project.");

const { tools, model } = parallel({
  model: gpt,
  tools: {
    readFile: tool({
      description: "Reads a file.",
      inputSchema: z.object({ path }),
      execute: async ({ path }) => {
        await sleep(100);
        return files.get(path) ?? "There is no such file.";
      },
    }),
    writeFile: tool({
      description: "Replaces what is in a file.",
      inputSchema: z.object({ path, content: z.string() }),
      execute: async ({ path, content }) => {
        await sleep(100);
        files.set(path, content);
        return "Written.";
      },
    }),
  },
  declare: {
    readFile: { effect: "read", reads: ({ path }) => `file:${path}` },
    writeFile: { writes: ({ path }) => `file:${path}` },
  },
  onTurn: (report) => console.log(describeTurn(report).join("\n")),
  clock, // Only so that the times are the same each time.
});

const { text } = await generateText({
  model,
  tools,
  prompt: "Rename a to one.",
  stopWhen: stepCountIs(5),
});
console.log(text);
