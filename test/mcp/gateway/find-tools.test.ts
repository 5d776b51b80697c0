// What a model reads of the tools of other servers: the right ones, and never much.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { McpListedTool } from "../../../src/adapters/mcp/mcp-client.ts";
import {
  readSearch,
  showTools,
  type Search,
  type Shelf,
} from "../../../src/mcp/gateway/find-tools.ts";
import { rank, wordsOf } from "../../../src/mcp/gateway/rank.ts";

const tool = (name: string, description = "", properties: object = {}): McpListedTool => ({
  name,
  description,
  inputSchema: { type: "object", properties },
});

const shelf = (server: string, tools: readonly McpListedTool[], failure?: string): Shelf => ({
  server,
  tools,
  failure,
  warning: undefined,
  redact: (text) => text.replaceAll("secret-value", "[redacted]"),
});

const search = (given: Partial<Search>): Search => ({
  query: undefined,
  server: undefined,
  names: [],
  ...given,
});

const names = (data: unknown): readonly string[] =>
  (data as { tools: readonly { name: string }[] }).tools.map(({ name }) => name);

const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

const WORDS = ["issue", "page", "user", "file", "comment", "label", "branch", "event"];
const VERBS = ["create", "list", "get", "delete", "update"];

/** A thousand tools, with schemas of a usual size. */
const THOUSAND = Array.from({ length: 1000 }, (_, index) => {
  const [verb, word] = [VERBS[index % 5], WORDS[Math.floor(index / 5) % 8]];
  const properties = Object.fromEntries(
    WORDS.map((name) => [
      name,
      { type: "string", description: `The ${name} that is meant, by its number or its name` },
    ]),
  );
  return tool(
    `${verb}_${word}_${index}`,
    `${verb}s a ${word}. ${"It does so carefully. ".repeat(20)}`,
    properties,
  );
});

describe("of a thousand tools on one server", () => {
  const shelves = [shelf("big", THOUSAND)];

  test.each<[string, Partial<Search>, number]>([
    ["a query tells few", { query: "delete a comment" }, 5000],
    ["a query that all match tells few", { query: "carefully" }, 5000],
    ["all names are as many as fit", {}, 10_000],
    [
      "those that are named come with their arguments, as far as they fit",
      { names: THOUSAND.slice(0, 30).map(({ name }) => `big/${name}`) },
      10_000,
    ],
  ])("%s", (_, given, most) => {
    const { text, data } = showTools(search(given), shelves, 10_000);
    expect(Buffer.byteLength(text)).toBeLessThan(most);
    expect(bytes(data)).toBeLessThan(most);
  });

  test("all of them together are some hundred times as large", () => {
    expect(bytes(THOUSAND)).toBeGreaterThan(1_000_000);
  });

  test("the best come first, and the whole of what was named comes back", () => {
    const { data } = showTools(search({ query: "delete comment" }), shelves, 10_000);
    expect(names(data)).toHaveLength(15);
    expect(names(data).every((name) => name.startsWith("big/delete_comment_"))).toBe(true);
    const named = showTools(
      search({ names: ["big/create_issue_0", "list_issue_1"] }),
      shelves,
      10_000,
    );
    expect(names(named.data)).toEqual(["big/create_issue_0", "big/list_issue_1"]);
    for (const each of THOUSAND.slice(0, 2)) {
      expect(named.text).toContain(JSON.stringify(each.inputSchema));
    }
  });
});

describe("a search", () => {
  const wiki = [tool("search", "Finds pages."), tool("get_page", "Reads a page. secret-value")];
  const shelves = [
    shelf("wiki", wiki),
    shelf("git", [tool("search", "Finds commits."), tool("blame")]),
    shelf("off", [], 'MCP server "off" could not be started: secret-value'),
  ];
  const show = (given: Partial<Search>) => showTools(search(given), shelves, 10_000);

  test("of few hits comes with their arguments", () => {
    expect(show({ query: "commits" }).text).toContain(
      'git/search: Finds commits.\narguments: {"type":"object","properties":{}}',
    );
  });

  test("by a name that several servers have finds all of them", () => {
    expect(names(show({ names: ["search"] }).data)).toEqual(["wiki/search", "git/search"]);
  });

  test("of a name that no tool has says what was probably meant", () => {
    expect(show({ names: ["wiki/serch"] }).text).toContain(
      'There is no tool "wiki/serch" (did you mean "wiki/search"?).',
    );
  });

  test("by more names than are told of takes no time, however long they are", () => {
    const many = Array.from({ length: 100_000 }, (_, index) => `create_issue_${index}x`);
    const { text } = showTools(search({ names: many }), [shelf("big", THOUSAND)], 10_000);
    expect(text).toContain("0 tools. Only the first 20 are told of. There is no tool");
    expect(text.match(/There is no tool/g)).toHaveLength(20);
    const long = showTools(search({ names: ["x".repeat(1_000_000)] }), shelves, 10_000);
    expect(long.text).toContain(`There is no tool "${"x".repeat(79)}….`);
  });

  test("of a schema that is too long tells its names, whatever is taken out of it", () => {
    const properties = Object.fromEntries(
      WORDS.map((name) => [name, { minimum: 12_345_678, description: "Long. ".repeat(500) }]),
    );
    const secretive: Shelf = {
      ...shelf("s", [tool("a", "", properties)]),
      redact: (text) => text.replaceAll("12345678", "[redacted]"),
    };
    const { text } = showTools(search({ names: ["a"] }), [secretive], 2000);
    expect(text).toContain('"issue":{"minimum":[redacted]}');
  });

  test("that finds nothing says so", () => {
    expect(show({ query: "zzz" }).text).toContain("None of 4 tools matches.");
  });

  test("always tells of servers that cannot be started, and no secrets", () => {
    for (const given of [{}, { query: "page" }, { query: "zzz" }, { names: ["get_page"] }]) {
      const { text, data } = show(given);
      expect(text).toContain('MCP server "off" could not be started: [redacted]');
      expect(text + JSON.stringify(data)).not.toContain("secret-value");
    }
  });

  test.each([
    [{ querry: "x" }, '"querry" (did you mean "query"?)'],
    [{ query: 5 }, '"query" must be a text'],
    [
      { server: "wikki" },
      'there is no server "wikki" (did you mean "wiki"?). The servers are: wiki, git',
    ],
    [{ tools: [5] }, '"tools" must be a list of names'],
  ])("as %j is refused", (given, text) => {
    expect(() => readSearch(given, ["wiki", "git"])).toThrow(text);
  });
});

describe("ranking", () => {
  test("knows the words of names, however they are put together", () => {
    expect(wordsOf("createIssue_v2 HTTP-get")).toEqual(["create", "issue", "v2", "http", "get"]);
  });

  test("finds whatever has a word that was asked for, or one that begins with it, and nothing else", () => {
    const word = fc.constantFrom("ab", "abc", "abcd", "xyz", "xy", "q");
    const text = fc.array(word, { maxLength: 6 }).map((words) => words.join(" "));
    fc.assert(
      fc.property(text, fc.array(text, { maxLength: 8 }), (query, texts) => {
        const found = rank(
          query,
          texts.map((each) => [{ text: each, weight: 1 }]),
        );
        const asked = query.split(" ").filter((each) => each !== "");
        const expected = texts.flatMap((each, index) =>
          asked.some((term) =>
            each
              .split(" ")
              .some((own) => own === term || (term.length > 2 && own.startsWith(term))),
          )
            ? [index]
            : [],
        );
        expect(found.toSorted((a, b) => a - b)).toEqual(expected);
      }),
    );
  });

  test("puts the rarer word, and the name before the description, first", () => {
    const documents = ["create page", "delete page", "page page page"].map((each) => [
      { text: each, weight: 1 },
    ]);
    expect(rank("delete page", documents)[0]).toBe(1);
    const weighted = [
      [
        { text: "list", weight: 4 },
        { text: "issue", weight: 1 },
      ],
      [
        { text: "issue", weight: 4 },
        { text: "list", weight: 1 },
      ],
    ];
    expect(rank("issue", weighted)).toEqual([1, 0]);
  });
});
