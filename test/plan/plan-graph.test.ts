import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commandPlan } from "../../src/plan/command-plan.ts";
import type { PlanTask } from "../../src/plan/index.ts";
import {
  checkGraph,
  inTopologicalOrder,
  resultTasks,
  withDependencies,
} from "../../src/plan/plan-graph.ts";

/** Tasks from the names of those that each comes after. */
function graphOf(after: Readonly<Record<string, readonly string[]>>): readonly PlanTask[] {
  const { tasks } = commandPlan(Object.keys(after), { folder: "/", failure: "stop" });
  return tasks.map((task) => ({
    ...task,
    after: (after[task.name] ?? []).map((name) => ({ task: name, until: "completed" })),
  }));
}

const namesOf = (tasks: readonly PlanTask[]): readonly string[] => tasks.map(({ name }) => name);

function cyclesOf(tasks: readonly PlanTask[]): readonly string[] {
  const found: string[] = [];
  checkGraph(tasks, (task, message) => found.push(`${task}: ${message.split(": ")[1]}`));
  return found;
}

/** Any graph of up to seven tasks, cycles included. */
const anyGraph = fc
  .array(fc.uniqueArray(fc.nat(6), { maxLength: 3 }), { minLength: 1, maxLength: 7 })
  .map((all) =>
    graphOf(
      Object.fromEntries(
        all.map((after, index) => [
          `t${index}`,
          [...new Set(after.map((other) => `t${other % all.length}`))],
        ]),
      ),
    ),
  );

/** Everything that a task comes after, by way of others or not. */
function ancestorsOf(tasks: readonly PlanTask[], name: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const task of tasks.filter((each) => each.name === name || found.has(each.name))) {
      task.after.forEach((each) => found.add(each.task));
    }
  }
  return found;
}

const hasCycle = (tasks: readonly PlanTask[]): boolean =>
  tasks.some(({ name }) => ancestorsOf(tasks, name).has(name));

describe("checkGraph", () => {
  test("finds a cycle exactly where there is one, and tells a way around it, once", () => {
    fc.assert(
      fc.property(anyGraph, (tasks) => {
        const found = cyclesOf(tasks);
        expect(found).toHaveLength(hasCycle(tasks) ? 1 : 0);
        for (const each of found) {
          const [at, path = ""] = each.split(": ");
          const names = path.split(" -> ");
          expect([names[0], names.at(-1)]).toEqual([at, at]);
          expect(new Set(names).size).toBe(names.length - 1);
          names.slice(1).forEach((before, index) => {
            const { after } = tasks.find(({ name }) => name === names[index])!;
            expect(after.map(({ task }) => task)).toContain(before);
          });
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("inTopologicalOrder", () => {
  test("puts every task once, after those that it names", () => {
    fc.assert(
      fc.property(
        anyGraph.filter((tasks) => !hasCycle(tasks)),
        (tasks) => {
          const order = namesOf(inTopologicalOrder(tasks));
          expect(order.toSorted()).toEqual(namesOf(tasks).toSorted());
          for (const { name, after } of tasks) {
            for (const { task } of after) {
              expect(order.indexOf(task)).toBeLessThan(order.indexOf(name));
            }
          }
        },
      ),
    );
  });

  test("keeps the order of the plan where it can, and goes depth first where it cannot", () => {
    expect(namesOf(inTopologicalOrder(graphOf({ a: [], b: ["a"], c: [], d: ["a"] })))).toEqual([
      "a",
      "b",
      "c",
      "d",
    ]);
    expect(
      namesOf(inTopologicalOrder(graphOf({ a: ["d", "c"], b: [], c: ["e"], d: [], e: [] }))),
    ).toEqual(["d", "e", "c", "a", "b"]);
  });

  test("leaves out what is not among the tasks", () => {
    expect(namesOf(inTopologicalOrder(graphOf({ a: ["gone"] })))).toEqual(["a"]);
  });

  test("goes along chains that are longer than the call stack", () => {
    const length = 30_000;
    const chain = graphOf(
      Object.fromEntries(
        Array.from({ length }, (_, index) => [
          `t${index}`,
          index + 1 < length ? [`t${index + 1}`] : [],
        ]),
      ),
    );
    expect(inTopologicalOrder(chain)[0]?.name).toBe(`t${length - 1}`);
    expect(cyclesOf(chain)).toEqual([]);
    expect(withDependencies(chain, new Set(["t10"]))).toHaveLength(length - 10);
  });
});

describe("withDependencies", () => {
  test("keeps the named tasks and all that they come after, in the order of the plan", () => {
    fc.assert(
      fc.property(anyGraph, fc.nat(), (tasks, pick) => {
        const { name } = tasks[pick % tasks.length]!;
        const ancestors = ancestorsOf(tasks, name);
        fc.pre(!hasCycle(tasks));
        expect(namesOf(withDependencies(tasks, new Set([name])))).toEqual(
          namesOf(tasks).filter((each) => each === name || ancestors.has(each)),
        );
      }),
    );
  });
});

describe("resultTasks", () => {
  test("are those that no other comes after, teardown aside", () => {
    const tasks = graphOf({ a: [], b: ["a"], c: ["a"], clean: ["b", "c"], more: ["clean"] }).map(
      (task) => ({ ...task, always: task.name === "clean" }),
    );
    expect(namesOf(resultTasks(tasks))).toEqual(["b", "c", "more"]);
  });
});
