// Which commands a policy lets run, and the ways around it that it knows.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commandPattern, refusedBy } from "../../src/mcp/command-policy.ts";

const policy = (allow: readonly string[], deny: readonly string[] = []) => ({
  allow: allow.map(commandPattern),
  deny: deny.map(commandPattern),
});
const allows = (patterns: readonly string[], command: string | readonly string[]): boolean =>
  refusedBy(policy(patterns), command) === undefined;
const denies = (patterns: readonly string[], command: readonly string[]): boolean =>
  refusedBy(policy([], patterns), command) !== undefined;

describe("without a pattern", () => {
  test("any command may run, also one for the shell", () => {
    expect(refusedBy(policy([]), "rm -rf /")).toBeUndefined();
  });
});

describe("a pattern that allows", () => {
  test.each<[string, string, readonly string[]]>([
    ["itself", "npm test", ["npm", "test"]],
    ["any argument for *", "npm run *", ["npm", "run", "lint"]],
    ["part of an argument", "npm run test:*", ["npm", "run", "test:unit"]],
    ["any rest for **", "git log **", ["git", "log", "--oneline", "-n", "3"]],
    ["no rest for **", "git log **", ["git", "log"]],
    ["characters that mean something in an expression", "a.b [c] (d)", ["a.b", "[c]", "(d)"]],
    ["an option that it says", "tsc --noEmit", ["tsc", "--noEmit"]],
    ["a line end in an argument for *", "echo *", ["echo", "a\nb"]],
  ])("stands for %s", (_, pattern, command) => {
    expect(allows([pattern], command)).toBe(true);
  });

  test.each<[string, string, readonly string[]]>([
    ["more arguments", "npm test", ["npm", "test", "--prefix=/tmp"]],
    ["fewer arguments", "npm run *", ["npm", "run"]],
    ["an option for *", "npm run *", ["npm", "run", "--prefix=/tmp"]],
    ["an option for * with more behind it", "git show *:x", ["git", "show", "--output:x"]],
    ["options before the subcommand", "git log **", ["git", "-c", "core.pager=sh", "log"]],
    ["the program by a path", "git status", ["/tmp/git", "status"]],
    ["the program in the folder", "git status", ["./git", "status"]],
    ["the program run by env", "git status", ["env", "git", "status"]],
    ["the program run with another path", "git status", ["env", "PATH=/tmp", "git", "status"]],
    ["a shell", "git status", ["sh", "-c", "git status"]],
    ["words in one argument", "git status", ["git status"]],
    ["a longer name", "git status", ["git", "status2"]],
    ["another case", "git status", ["Git", "status"]],
    ["a line end behind it", "git status", ["git", "status\n"]],
    ["nothing", "git", []],
  ])("does not stand for %s", (_, pattern, command) => {
    expect(allows([pattern], command)).toBe(false);
  });

  test("leaves nothing to the shell", () => {
    expect(refusedBy(policy(["git status"]), "git status")).toBe(
      'a command must be a list of a program and its arguments here, such as ["git", "status"]. These may run: git status',
    );
  });

  test("without stars stands for its own words alone", () => {
    const word = fc.stringMatching(/^[a-z./:=-]{1,6}$/).filter((text) => !text.includes("*"));
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 4 }),
        fc.array(word, { minLength: 1, maxLength: 4 }),
        (one, other) => {
          expect(allows([one.join(" ")], one)).toBe(true);
          expect(allows([one.join(" ")], other)).toBe(one.join(" ") === other.join(" "));
        },
      ),
    );
  });
});

describe("a pattern that denies", () => {
  test.each<[string, readonly string[]]>([
    ["as it is", ["git", "push", "origin"]],
    ["by a path", ["/usr/bin/git", "push"]],
    ["run by env", ["env", "A=1", "git", "push"]],
    ["run by another program", ["timeout", "5", "nice", "/bin/git", "push", "-f"]],
  ])("stops the command %s", (_, command) => {
    expect(denies(["git push **"], command)).toBe(true);
  });

  test("leaves other commands alone, but for those of the shell", () => {
    const only = policy([], ["git push **"]);
    expect(refusedBy(only, ["git", "pull"])).toBeUndefined();
    expect(refusedBy(only, "git pull")).toContain("must be a list");
  });

  test("comes before one that allows", () => {
    const both = policy(["git **"], ["git push **"]);
    expect(refusedBy(both, ["git", "pull"])).toBeUndefined();
    expect(refusedBy(both, ["git", "push"])).toBe(
      'commands like "git push **" may not run. These may run: git **',
    );
  });
});

describe("a pattern is refused", () => {
  test.each([[""], ["  "], ["git ** log"], ["**"], ["git l**"]])("that is %j", (text) => {
    expect(() => commandPattern(text)).toThrow(RangeError);
  });
});
