/** The model of `example.ts`: it follows a script. */
import { MockLanguageModelV4 } from "ai7/test";
import { virtualClock } from "fanfold/testing";
import { calling, saying } from "./script.ts";

export const clock = virtualClock();

export async function sleep(ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    clock.schedule(ms, resolve);
  });
}

const CALLS = [
  { id: "call_1", name: "readFile", input: { path: "b.ts" } },
  { id: "call_2", name: "writeFile", input: { path: "a.ts", content: "export const one = 1;" } },
  {
    id: "call_3",
    name: "writeFile",
    input: { path: "b.ts", content: 'import { one } from "./a.ts";' },
  },
  { id: "call_4", name: "readFile", input: { path: "a.ts" } },
];

export const gpt = new MockLanguageModelV4({
  doGenerate: [calling(CALLS), saying("Renamed.")] as never,
});
