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
    models: {},
    using: undefined,
    budget: undefined,
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

/** The same command may be given twice, and another be called as one that is numbered. */
function uniqueNames(commands: readonly string[]): readonly string[] {
  const taken = new Set(commands);
  const seen = new Set<string>();
  return commands.map((command) => {
    let name = command;
    for (let count = 2; seen.has(command) && taken.has(name); count += 1) {
      name = `${command} (${count})`;
    }
    seen.add(command);
    taken.add(name);
    return name;
  });
}
