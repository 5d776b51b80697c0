/** `fanfold/ai-sdk`: tools of an agent that is built on the AI SDK, as parallel as is safe. */
export type { Declaration, Declarations } from "./declaration.ts";
export { parallel, type Parallel, type ParallelOptions } from "./parallel.ts";
export type { InputOf, SdkTool, SdkTools } from "./sdk.ts";
export { taskOf } from "./task-of.ts";
