/** `fanfold/langchain`: tools of LangChain and LangGraph, as parallel as is safe. */
export type { ToolDeclaration, ToolDeclarations } from "../declaration.ts";
export type { ParallelOptions } from "../gather/parallel-options.ts";
export type { LangChainTool } from "./langchain-tool.ts";
export { parallelTools } from "./parallel-tools.ts";
