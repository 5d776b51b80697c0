import fc from "fast-check";
import { expect, test } from "vitest";
import { suggest } from "../../src/core/suggest.ts";

const NAMES = ["command", "timeout", "after", "reads", "writes", "retry"];

test.each([
  ["comand", "command"],
  ["commandd", "command"],
  ["cammand", "command"],
  ["ocmmand", "command"],
  ["Timeout", "timeout"],
  ["aftre", "after"],
  ["read", "reads"],
  ["timeouts", "timeout"],
  ["timeoutMs", "timeout"],
])("suggest takes %s for %s", (name, meant) => {
  expect(suggest(name, NAMES)).toBe(meant);
});

test.each(["", "x", "run", "needs", "parallel", "environment"])(
  "suggest has nothing to say to %j",
  (name) => {
    expect(suggest(name, NAMES)).toBeUndefined();
  },
);

test("suggest finds a name again after any one slip", () => {
  const word = fc.stringMatching(/^[a-z]{3,12}$/);
  fc.assert(
    fc.property(
      word,
      fc.nat(),
      fc.constantFrom("drop", "double", "swap", "upper"),
      (name, at, slip) => {
        const index = at % (name.length - 1);
        const [before, a, b, after] = [
          name.slice(0, index),
          name[index],
          name[index + 1],
          name.slice(index + 2),
        ];
        const slipped = {
          drop: before + b + after,
          double: before + a + a + b + after,
          swap: before + b + a + after,
          upper: name.toUpperCase(),
        }[slip];
        expect(suggest(slipped, ["0123456789", name])).toBe(name);
      },
    ),
  );
});

test("suggest returns a candidate as it is written, the first of the closest", () => {
  expect(suggest("LIST", ["lost", "List"])).toBe("List");
  expect(suggest("cat", ["bat", "hat"])).toBe("bat");
  expect(suggest("any", [])).toBeUndefined();
});
