/** The testing entry: time and order that belong to the test. */
export {
  rig,
  type HeldTask,
  type HeldTaskOptions,
  type HeldTaskState,
  type Rig,
  type RigOptions,
} from "./rig.ts";
export type { Script, ScriptedAnswer } from "./script.ts";
export { scripted, type ScriptedModel, type ScriptedOptions } from "./scripted.ts";
export { virtualClock, type VirtualClock, type VirtualClockOptions } from "./virtual-clock.ts";
