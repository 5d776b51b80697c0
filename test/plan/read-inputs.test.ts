import { describe, expect, test } from "vitest";
import { parsePlan } from "../../src/plan/index.ts";

const PLAN = `
inputs:
  text: hello
  number: 3
  flag: false
  list: [a]
  mapping: { a: 1 }
  needed: ~
tasks: { a: { command: ls } }
`;

const inputs = (set: Readonly<Record<string, string>>): unknown =>
  parsePlan(PLAN, { set: { needed: "x", ...set } }).inputs;

describe("set", () => {
  test("leaves the defaults of what it does not name", () => {
    expect(inputs({})).toEqual({
      text: "hello",
      number: 3,
      flag: false,
      list: ["a"],
      mapping: { a: 1 },
      needed: "x",
    });
  });

  test.each([
    ["text", "", ""],
    ["text", "3", "3"],
    ["text", "${{ tasks.a.stdout }}", "${{ tasks.a.stdout }}"],
    ["number", "-1.5e3", -1500],
    ["number", " 7 ", 7],
    ["flag", "true", true],
    ["flag", "false", false],
    ["list", "[]", []],
    ["list", '[1, {"b": null}]', [1, { b: null }]],
    ["mapping", "{}", {}],
    ["needed", "null", "null"],
  ])("reads %s as what its default is: %j", (name, text, value) => {
    expect(inputs({ [name]: text })).toMatchObject({ [name]: value });
  });

  test.each([
    ["number", "three", "a number"],
    ["number", "", "a number"],
    ["number", "Infinity", "a number"],
    ["flag", "yes", "true or false"],
    ["flag", "TRUE", "true or false"],
    ["list", "a,b", "a list as JSON"],
    ["list", '{"0": "a"}', "a list as JSON"],
    ["list", "null", "a list as JSON"],
    ["mapping", "[1]", "a mapping as JSON"],
    ["mapping", "1", "a mapping as JSON"],
  ])("refuses for %s what is of another type: %j", (name, text, what) => {
    expect(() => inputs({ [name]: text })).toThrow(
      new RangeError(`Cannot set "${name}" as it must be ${what}: ${text}`),
    );
  });

  test.each([
    ["nedeed", ' (did you mean "needed"?)'],
    ["other", ""],
    ["constructor", ""],
    ["__proto__", ""],
  ])("refuses %s, which is no input", (name, hint) => {
    const set = Object.fromEntries([[name, "x"]]);
    expect(() => parsePlan(PLAN, { set })).toThrow(
      new RangeError(`Cannot set "${name}" as the plan has no such input${hint}`),
    );
  });

  test("reaches the claims of the tasks, an input that is a list as many paths", () => {
    const plan = `
inputs: { one: a, many: [db:a, db:b] }
tasks:
  t: { command: ls, reads: ["db:\${{ inputs.one }}/x", "\${{ inputs.many }}"], writes: "db:\${{ inputs.many[1] }}" }
`;
    const claimsOf = (set: Readonly<Record<string, string>>): unknown =>
      parsePlan(plan, { set }).tasks.map(({ reads, writes }) => ({ reads, writes }));
    expect(claimsOf({})).toEqual([{ reads: ["db:a/x", "db:a", "db:b"], writes: ["db:db:b"] }]);
    expect(claimsOf({ one: "z", many: '["db:c", "db:d"]' })).toEqual([
      { reads: ["db:z/x", "db:c", "db:d"], writes: ["db:db:d"] },
    ]);
  });
});
