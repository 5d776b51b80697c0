import type { ToolResult } from "../../src/tools/result.ts";

/** The result of a call that has read files. */
export const COMPLETED: ToolResult = {
  id: "1",
  name: "read_files",
  status: "completed",
  isError: false,
  text: "",
  output: undefined,
  error: undefined,
  file: undefined,
  sharedWith: undefined,
  attempts: 1,
  queuedMs: 0,
  runMs: 12,
  waits: [],
};
