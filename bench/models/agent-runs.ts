/** Agents that run drawn turns, exactly, on clocks of their own. */
import { z } from "zod";
import { agent } from "../../src/models/index.ts";
import { scripted, virtualClock, type ScriptedAnswer } from "../../src/testing/index.ts";
import { defineTool, toolbox } from "../../src/tools/index.ts";
import type { DrawnTurn } from "./turns.ts";

/** How an agent runs its turns. */
export interface AgentWay {
  /** Whether it is handed calls while the model still writes. */
  readonly streams: boolean;
  /** How many calls run at once. */
  readonly limit: number;
  /** Whether every response breaks off after its last call. @defaultValue false */
  readonly isCutOff?: boolean | undefined;
}

/** What a run took. */
export interface AgentTaken {
  /** Until all calls of the last turn were answered: the response that ends the run takes nothing. */
  readonly ms: number;
  /** How many calls were begun. */
  readonly begun: number;
}

const INPUT = z.object({ call: z.number(), file: z.string(), durationMs: z.number() });

/** Runs an agent over some turns. */
export async function runTurns(turns: readonly DrawnTurn[], way: AgentWay): Promise<AgentTaken> {
  const clock = virtualClock();
  let begun = 0;
  const tool = (effect: "read" | "write") => {
    const files = ({ file }: z.infer<typeof INPUT>): string => `store:${file}`;
    return defineTool({
      name: effect,
      input: INPUT,
      effect,
      ...(effect === "read" ? { reads: files } : { writes: files }),
      run: async ({ durationMs }) => {
        begun += 1;
        await new Promise<void>((resolve) => {
          clock.schedule(durationMs, resolve);
        });
      },
    });
  };
  const tools = toolbox([tool("read"), tool("write")], { clock, limit: way.limit });
  const model = scripted([...turns.map((turn) => answerOf(turn, way)), ""], { clock });
  const { name } = model;
  await agent({
    model: way.streams ? model : { name, generate: (...asked) => model.generate(...asked) },
    toolbox: tools,
    maxSteps: turns.length + 1,
  }).run("Do it.");
  return { ms: clock.now(), begun };
}

function answerOf(turn: DrawnTurn, { isCutOff = false }: AgentWay): ScriptedAnswer {
  const { firstMs, eachMs, texts, calls } = turn;
  return {
    text: Array.from({ length: texts }, () => "text "),
    toolCalls: calls.map(({ durationMs, effect, file }, call) => ({
      id: String(call),
      name: effect,
      input: { call, file, durationMs },
    })),
    firstMs,
    eachMs,
    ...(isCutOff ? { finishReason: "length" } : {}),
  };
}
