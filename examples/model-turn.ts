/**
 * The calls of a model's response: two files are read while the model still writes, a command that declares nothing runs alone, and an edit
 * comes after the read of the same file. One result each, in the order of the calls.
 *
 * ```
 * call_1: import "./b.ts";
 * call_2: export const b = 1;
 * call_3: a.ts b.ts
 * call_4: 1 replaced
 * call_5: There is no tool "read_fil" (did you mean "read_file"?). The tools are: read_file, replace, run.
 *
 * call_1 read_file  completed in 120 ms
 * call_2 read_file  completed in 120 ms
 * call_3 run        completed in 100 ms; waited 40 ms (commit), 60 ms for call_1, call_2 (claim)
 * call_4 replace    completed in 80 ms; waited 20 ms (commit), 160 ms for call_3 (claim)
 * call_5 read_fil   invalid
 * 4 tasks in 320 ms; one after another 500 ms: 1.6 times faster (at best 1.6). Critical path: call_2 -> call_3 -> call_4.
 * ```
 */
import assert from "node:assert/strict";
import { virtualClock } from "fanfold/testing";
import { defineTool, describeTurn, toolbox, type ToolCall } from "fanfold/tools";
import { z } from "zod";

const clock = virtualClock(); // So that everybody sees the same times. Leave it out of a program of your own.
const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => void clock.schedule(ms, resolve));

const files = new Map([
  ["a.ts", 'import "./b.ts";'],
  ["b.ts", "export const b = 1;"],
]);
const path = z.string().describe("Relative to the project.");

const tools = toolbox(
  [
    defineTool({
      name: "read_file",
      input: z.object({ path }),
      effect: "read",
      reads: (input) => `file:${input.path}`,
      run: async (input) => {
        await sleep(120);
        return files.get(input.path);
      },
    }),
    defineTool({
      name: "replace",
      input: z.object({ path, from: z.string(), to: z.string() }),
      writes: (input) => `file:${input.path}`,
      run: async ({ path, from, to }) => {
        await sleep(80);
        files.set(path, files.get(path)?.replace(from, to) ?? "");
        return "1 replaced";
      },
    }),
    defineTool({
      name: "run",
      input: z.object({ command: z.string() }),
      run: async () => {
        await sleep(100);
        return [...files.keys()].join(" ");
      },
    }),
  ],
  { clock },
);

/** A response of a model, a call each 20 ms or so. It stands for the stream of a provider. */
async function* response(): AsyncGenerator<ToolCall> {
  yield { id: "call_1", name: "read_file", inputText: '{"path":"a.ts"}' };
  await sleep(20);
  yield { id: "call_2", name: "read_file", inputText: '{"path":"b.ts"}' };
  await sleep(20);
  yield { id: "call_3", name: "run", inputText: '{"command":"ls"}' };
  await sleep(20);
  yield { id: "call_4", name: "replace", inputText: '{"path":"b.ts","from":"1","to":"2"}' };
  yield { id: "call_5", name: "read_fil", inputText: '{"path":"a.ts"}' };
  await sleep(20);
}

const turn = tools.turn();
try {
  for await (const call of response()) {
    turn.call(call);
  }
  turn.commit(); // The model has finished, and it was no accident: what has side effects may start.
} catch (error) {
  turn.abort(error); // Every call gets its result all the same.
}

const results = await turn.results();
for (const { id, text } of results) {
  console.log(`${id}: ${text}`);
}
console.log();
for (const line of describeTurn(turn.report())) {
  console.log(line);
}

assert.deepEqual(
  results.map(({ id, status }) => `${id} ${status}`),
  [
    "call_1 completed",
    "call_2 completed",
    "call_3 completed",
    "call_4 completed",
    "call_5 invalid",
  ],
);
assert.equal(files.get("b.ts"), "export const b = 2;");
