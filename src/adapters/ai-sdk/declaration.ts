/** What is declared beside a tool of the AI SDK: what its calls touch, and what bounds them. */
import { currentOwner } from "../../core/context.ts";
import { didYouMean } from "../../core/suggest.ts";
import type { TaskContext } from "../../core/task.ts";
import { defineTool, type Tool } from "../../tools/tool.ts";
import type { ToolDeclaration } from "../declaration.ts";
import type { InputOf, SdkTool, SdkTools } from "./sdk.ts";
import type { SdkCall } from "./sdk-call.ts";

/** What may be said of a tool; each field as in `Tool` of `fanfold/tools`. Without any, its calls run alone. */
export interface Declaration<Input = unknown> extends Omit<
  ToolDeclaration<Input>,
  "needsApproval"
> {
  /**
   * Whether `execute` yields preliminary results: an async iterable in place of one value.
   * @defaultValue whether it is an async generator function
   */
  readonly preliminary?: boolean | undefined;
}

/** Declarations by the name of the tool; `reads` and `writes` take the input of that tool. */
export type Declarations<Tools extends SdkTools> = {
  readonly [Name in keyof Tools]?: Declaration<InputOf<Tools[Name]>> | undefined;
};

/**
 * The tools that have an `execute`, as tools of a toolbox whose arguments are {@link SdkCall}s. `tasks` gets the task of each call that runs, by the
 * owner of the code that runs in it.
 *
 * Arguments of such a class are handed through untouched: the SDK has validated what is in them.
 *
 * @throws `TypeError` when what is declared is not there, and as `defineTool` does.
 */
export function toolsOf(
  tools: SdkTools,
  declarations: Readonly<Record<string, Declaration<never> | undefined>>,
  tasks: WeakMap<object, TaskContext>,
): readonly Tool[] {
  for (const name of Object.keys(declarations)) {
    if (tools[name]?.execute === undefined) {
      const why = Object.hasOwn(tools, name) ? "it has no execute" : "there is no such tool";
      const meant = didYouMean(name, Object.keys(tools));
      throw new TypeError(`Cannot declare what tool "${name}" does as ${why}${meant}`);
    }
  }
  return Object.entries(tools)
    .filter(([, { execute }]) => execute !== undefined)
    .map(([name]) => toolOf(name, declarations[name] ?? {}, tasks));
}

/** Whether the calls of a tool yield preliminary results. The SDK wants to know before the tool was called. */
export function isPreliminary({ execute }: SdkTool, { preliminary }: Declaration<never>): boolean {
  return (
    preliminary ?? Object.prototype.toString.call(execute) === "[object AsyncGeneratorFunction]"
  );
}

function toolOf(
  name: string,
  declaration: Declaration<never>,
  tasks: WeakMap<object, TaskContext>,
): Tool {
  const { preliminary: _preliminary, reads, writes, ...rest } = declaration;
  // The input of a call is what the SDK made of its arguments with the schema of the same tool.
  const inputOf = ({ input }: SdkCall): never => input as never;
  const tool: Tool<SdkCall> = {
    ...rest,
    name,
    ...(reads && { reads: (call: SdkCall) => reads(inputOf(call)) }),
    ...(writes && { writes: (call: SdkCall) => writes(inputOf(call)) }),
    needsApproval: (call) => call.isAwaited,
    format: () => "", // The SDK makes its own text of an output.
    run: async (call, ctx) => {
      tasks.set(currentOwner() ?? ctx, ctx);
      return await call.run(ctx);
    },
  };
  return defineTool(tool as Tool);
}
