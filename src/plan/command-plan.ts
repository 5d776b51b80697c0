/** A plan of commands without a plan file. */
import { defaultLimits } from "./kinds.ts";
import type { Plan, PlanTask } from "./plan.ts";

/** Makes a plan of commands for the shell, each named by its text. Nothing in them is a reference. */
export function commandPlan(
  commands: readonly string[],
  options: { readonly folder: string; readonly failure: "stop" | "continue" },
): Plan {
  const names = uniqueNames(commands);
  return {
    name: "exec",
    file: "exec",
    folder: options.folder,
    inputs: {},
    failure: options.failure,
    combine: { kind: "all" },
    limit: undefined,
    limits: defaultLimits(),
    tasks: commands.map((command, index) => commandTask(names[index] ?? command, command, index)),
  };
}

function commandTask(name: string, command: string, index: number): PlanTask {
  return {
    name,
    kind: "command",
    settings: { command: command.replaceAll("${{", () => "$${{") },
    after: [],
    reads: [],
    writes: [],
    declared: { reads: [], writes: [] },
    exclusive: false,
    limits: ["command"],
    weight: 1,
    timeoutMs: undefined,
    deadlineMs: undefined,
    graceMs: undefined,
    retry: undefined,
    priority: undefined,
    when: true,
    always: false,
    expectedMs: undefined,
    item: undefined,
    place: { line: index + 1, column: 1 },
  };
}

/** The same command may be given twice. */
function uniqueNames(commands: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  return commands.map((command) => {
    const count = (counts.get(command) ?? 0) + 1;
    counts.set(command, count);
    return count === 1 ? command : `${command} (${count})`;
  });
}
