/** `fanfold/openai-agents`: tools of the OpenAI Agents SDK, as parallel as is safe. */
export type { ToolDeclaration, ToolDeclarations } from "../declaration.ts";
export type { ParallelOptions } from "../gather/parallel-options.ts";
export {
  callOrder,
  type CallOrder,
  type WatchedModel,
  type WatchedProvider,
} from "./call-order.ts";
export type { FunctionTool, InputGuardrail } from "./function-tool.ts";
export { parallelTools, type ParallelToolsOptions } from "./parallel-tools.ts";
