import { describe, expect, test } from "vitest";
import { failureOf, planFolder, valueOf } from "./run-yaml.ts";

const folder = planFolder();

describe("a module task", () => {
  test("calls the function that it names with its value, references filled in at any depth", async () => {
    const seen = await folder.see(`
inputs: { numbers: [1, 2, { deep: "x" }] }
tasks:
  list: { module: "./tools.mjs#see", with: { rows: [1, { id: 7 }], none: null } }
  seen:
    module: ./tools.mjs#see
    with:
      whole: \${{ tasks.list.value }}
      inside: \${{ tasks.list.value.rows[1].id }}
      last: \${{ tasks.list.value.rows[-1] }}
      text: "id \${{ tasks.list.value.rows[1].id }} of \${{ tasks.list.value.rows }}"
      none: \${{ tasks.list.value.none }}
      input: \${{ inputs.numbers[2].deep }}
      nested: [{ all: "\${{ inputs.numbers }}" }]
      kept: "$\${{ inputs.numbers }}"
      plain: [1, true, null]
`);
    expect(seen).toEqual({
      whole: { rows: [1, { id: 7 }], none: null },
      inside: 7,
      last: { id: 7 },
      text: 'id 7 of [1,{"id":7}]',
      none: null,
      input: "x",
      nested: [{ all: [1, 2, { deep: "x" }] }],
      kept: "${{ inputs.numbers }}",
      plain: [1, true, null],
    });
  });

  test("hands over the name of the task, the attempt and a signal", async () => {
    const seen = await folder.see("tasks: { seen: { module: './tools.mjs#context' } }");
    expect(seen).toEqual({ key: "seen", attempt: 1, aborted: false });
  });

  test("calls the default export where no name is given", async () => {
    folder.write("only.mjs", "export default (value) => [value];");
    expect(await folder.see("tasks: { seen: { module: ./only.mjs, with: 3 } }")).toEqual([3]);
  });

  test("calls nothing where it was cancelled while its module was loaded", async () => {
    const cancel = new AbortController();
    const seen: string[] = [];
    Object.assign(globalThis, {
      [Symbol.for("fanfold.test.late")]: (what: string) => {
        seen.push(what);
        cancel.abort();
      },
    });
    folder.write(
      "late.mjs",
      `const note = globalThis[Symbol.for("fanfold.test.late")];
note("loaded");
export const late = () => note("called");`,
    );
    const { status } = await folder.run('tasks: { a: { module: "./late.mjs#late" } }', {
      signal: cancel.signal,
    });
    expect([status, seen]).toEqual(["cancelled", ["loaded"]]);
  });

  test("returns null where the function returns nothing, and others may use that", async () => {
    folder.write("nothing.mjs", "export const nothing = () => undefined;");
    const seen = await folder.see(`
tasks:
  none: { module: "./nothing.mjs#nothing" }
  seen: { module: "./tools.mjs#see", with: ["\${{ tasks.none.value }}"] }
`);
    expect(seen).toEqual([null]);
  });

  test("tells observers of its progress", async () => {
    folder.write(
      "steps.mjs",
      "export const steps = (_, { progress }) => [0.5, 'half'].map(progress);",
    );
    const { events } = await folder.run("tasks: { seen: { module: './steps.mjs#steps' } }");
    const told = events.filter((event) => event.type === "task-progressed");
    expect(told.map(({ progress }) => progress)).toEqual([0.5, "half"]);
  });

  test("fails with what was thrown, unchanged", async () => {
    folder.write(
      "throws.mjs",
      "export const error = new RangeError('own'); export const run = () => { throw error; };",
    );
    const { error } = (await import(folder.at("throws.mjs"))) as { readonly error: unknown };
    const { outcomes, failures } = await folder.run("tasks: { a: { module: './throws.mjs#run' } }");
    expect(outcomes["a"]).toMatchObject({ status: "failed", error });
    expect(failures).toEqual([{ key: "a", attempt: 1, error }]);
  });

  test.each([
    [
      "./tools.mjs#sea",
      'Cannot call "sea" of ./tools.mjs as it exports no such function (did you mean "see"?)',
    ],
    [
      "./values.mjs#five",
      'Cannot call "five" of ./values.mjs as it exports no such function (did you mean "fire"?)',
    ],
    [
      "./tools.mjs#zzzzzzzz",
      'Cannot call "zzzzzzzz" of ./tools.mjs as it exports no such function',
    ],
    ["./tools.mjs", 'Cannot call "default" of ./tools.mjs as it exports no such function'],
    [
      "./tools.mjs#constructor",
      'Cannot call "constructor" of ./tools.mjs as it exports no such function',
    ],
  ])("fails for %s, which exports no such function", async (module, message) => {
    folder.write("values.mjs", "export const five = 5; export const fire = () => five;");
    expect(failureOf(await folder.run(`tasks: { a: { module: "${module}" } }`), "a")).toBe(message);
  });

  test.each(["./missing.mjs#run", "./broken.mjs#run"])("fails for %s", async (module) => {
    folder.write("broken.mjs", "export const run = (;");
    const result = await folder.run(
      `tasks: { a: { module: "${module}" }, b: { after: a, command: "true" } }`,
    );
    expect(result.status).toBe("failed");
    expect(failureOf(result, "a")).not.toBe("");
  });

  test("says which module is missing", async () => {
    const result = await folder.run('tasks: { a: { module: "./missing.mjs#run" } }');
    expect(failureOf(result, "a")).toBe(
      `Cannot load a module as it does not exist: ${folder.at("missing.mjs")}`,
    );
  });

  test.each([
    ["broken.mjs", "export const run = (;"],
    ["throws.mjs", "throw new Error('at once'); export const run = 1;"],
    ["imports.mjs", "import './not-there.mjs'; export const run = 1;"],
  ])("names the file where %s cannot be loaded", async (name, text) => {
    folder.write(name, text);
    const result = await folder.run(`tasks: { a: { module: "./${name}#run" } }`);
    expect(failureOf(result, "a")).toMatch(new RegExp(`^Cannot load .*/${name}: .`));
  });

  test("may return what JSON cannot hold: a reference to it as a text fails and says so, one into it does not", async () => {
    folder.write(
      "round.mjs",
      "export const run = () => { const round = {}; round.self = round; round.list = [10n, 1]; return round; };",
    );
    const result = await folder.run(`
failure: continue
tasks:
  a: { module: "./round.mjs#run" }
  inside: { module: "./tools.mjs#see", with: "\${{ tasks.a.value.self.list[1] }}" }
  text: { module: "./tools.mjs#see", with: "all \${{ tasks.a.value }}" }
  written: { write: out.json, content: "\${{ tasks.a.value.list }}" }
  nowhere: { module: "./tools.mjs#see", with: "\${{ tasks.a.value.there }}" }
  asked: { when: "\${{ tasks.a.value }}", command: "true" }
  each: { each: "\${{ tasks.a.value }}", do: { command: "true" } }
`);
    expect(valueOf(result, "inside")).toBe(1);
    expect(failureOf(result, "text")).toBe(
      "Cannot write a value as JSON: Converting circular structure to JSON",
    );
    expect(failureOf(result, "written")).toMatch(/^Cannot write a value as JSON: .*BigInt/);
    for (const name of ["nowhere", "asked", "each"]) {
      expect(failureOf(result, name)).toMatch(/^Cannot (?!write).* what JSON cannot hold$/);
    }
  });

  test("lets a reference to what is not there fail by name", async () => {
    const result = await folder.run(`
tasks:
  a: { module: "./tools.mjs#see", with: { rows: [] } }
  b: { module: "./tools.mjs#see", with: "\${{ tasks.a.value.rows[0].id }}" }
`);
    expect(valueOf(result, "a")).toEqual({ rows: [] });
    expect(failureOf(result, "b")).toBe(
      "Cannot use tasks.a.value.rows[0].id as there is no 0 in []",
    );
  });

  test.each(["constructor", "__proto__", "toString", "length"])(
    "sees no %s in what was returned, as that is not data of its own",
    async (name) => {
      const result = await folder.run(`
tasks:
  a: { module: "./tools.mjs#see", with: { own: 1 } }
  b: { module: "./tools.mjs#see", with: "\${{ tasks.a.value.${name} }}" }
`);
      expect(failureOf(result, "b")).toContain(`there is no "${name}" in {"own":1}`);
    },
  );
});
