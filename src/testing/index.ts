/** The testing entry: time and order that belong to the test. */
export { virtualClock, type VirtualClock, type VirtualClockOptions } from "./virtual-clock.ts";
