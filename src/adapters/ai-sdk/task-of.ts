/** From what a tool of the AI SDK was handed to the task that it runs as. */
import type { TaskContext } from "../../core/task.ts";

const tasks = new WeakMap<object, TaskContext>();

/**
 * The task as which a call runs, by the options that its `execute` was handed; undefined for options of anybody else.
 *
 * With it an agent inside a tool shares the fate, the limits and the claims of the call: `parallel({ tools, model, within: taskOf(options) })`. A
 * limit that both share cannot block itself, as the call lends its slot while it waits for calls within.
 *
 * @example
 * ```ts
 * import { parallel, taskOf } from "fanfold/ai-sdk";
 *
 * const research = {
 *   inputSchema: undefined, // as with `tool()` of the package `ai`
 *   execute: async (question: string, options: object) => {
 *     const { tools } = parallel({ tools: {}, within: taskOf(options) });
 *     return `${question}: ${Object.keys(tools).length} tools`; // generateText({ tools, … })
 *   },
 * };
 * console.log(await parallel({ tools: { research } }).tools.research.execute("Why?", {}));
 * ```
 */
export function taskOf(options: object): TaskContext | undefined {
  return tasks.get(options);
}

/** Has {@link taskOf} find the task. */
export function rememberTask(options: object, task: TaskContext): void {
  tasks.set(options, task);
}
