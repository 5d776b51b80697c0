/** What can be said of tools of a framework, and of the toolbox that runs their calls. */
import type { ToolboxOptions } from "../../tools/toolbox.ts";
import type { ToolDeclarations } from "../declaration.ts";

/** Options of `parallelTools`. All are optional: without any, every call runs alone. */
export interface ParallelOptions extends Omit<ToolboxOptions, "maxResultBytes" | "resultFolder"> {
  /** What each tool touches, by its name. One that is not named runs alone. @defaultValue nothing */
  readonly declare?: ToolDeclarations | undefined;
}
