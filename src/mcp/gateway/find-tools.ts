/** What a model reads of the tools that it may call: few of them, in a line each, and how to call those that it means. */
import { didYouMean } from "../../core/suggest.ts";
import type { McpListedTool } from "../../adapters/mcp/mcp-client.ts";
import { fairShares } from "../../tools/coding/fair-shares.ts";
import { counted } from "../../core/counted.ts";
import { shortLine } from "../../tools/coding/text.ts";
import { argumentsOf, isListOfTexts, shown as quoted, type Given } from "../given.ts";
import { jsonBytes } from "../json-bytes.ts";
import { Refusal } from "../refusal.ts";
import type { Shown } from "../shown-result.ts";
import { onlyReads } from "./inner-tools.ts";
import { rank } from "./rank.ts";

/** The tools of a server, or why they are not known. */
export interface Shelf {
  readonly server: string;
  readonly tools: readonly McpListedTool[];
  readonly failure: string | undefined;
  /** What is wrong with its configuration, as its tools show. */
  readonly warning: string | undefined;
  redact(text: string): string;
}

/** What is looked for. */
export interface Search {
  /** In words. */
  readonly query: string | undefined;
  /** On this server alone. */
  readonly server: string | undefined;
  /** These, by name. */
  readonly names: readonly string[];
}

/** How many hits of a query are told. */
const MOST_HITS = 15;

/** Of how many the arguments are told as well. */
const MOST_SCHEMAS = 3;

/** How much is told of a tool, in characters. */
const LONGEST_LINE = 140;

/** How much of its description is told with its arguments, in characters. */
const LONGEST_DESCRIPTION = 1500;

/** How much is told of why a server cannot be started, in characters. */
const LONGEST_FAILURE = 1200;

/** How many are told of that were asked for by name. */
const MOST_NAMED = 20;

/** What is told of arguments at least, in characters. */
const LEAST_SCHEMA = 40;

/** What a sentence around a list takes, in bytes. */
const SENTENCE_BYTES = 300;

/**
 * Reads the arguments of `find_tools`.
 *
 * @throws Refusal - when one is wrong
 */
export function readSearch(given: Given, servers: readonly string[]): Search {
  const known = ["query", "server", "tools"];
  const { query = "", server, tools = [] } = argumentsOf(given, { tool: "find_tools", known });
  if (typeof query !== "string") {
    throw new Refusal('"query" must be a text: words that say what the tools are to do');
  }
  const names = typeof tools === "string" ? [tools] : tools;
  if (!isListOfTexts(names)) {
    throw new Refusal('"tools" must be a list of names, such as ["wiki/search"]');
  }
  if (server !== undefined && !(typeof server === "string" && servers.includes(server))) {
    throw new Refusal(unknownServer(server, servers));
  }
  const words = query.trim();
  return { query: words === "" ? undefined : words, server, names };
}

/** That there is no such server. */
export function unknownServer(name: unknown, servers: readonly string[]): string {
  const hint = typeof name === "string" ? didYouMean(name, servers) : "";
  return `there is no server ${JSON.stringify(name)}${hint}. The servers are: ${servers.join(", ")}`;
}

/** A tool of a server. */
interface Hit {
  readonly shelf: Shelf;
  readonly tool: McpListedTool;
}

/** Answers a search, in no more than so many bytes. */
export function showTools(search: Search, shelves: readonly Shelf[], maxBytes: number): Shown {
  const { query, names } = search;
  const hits = shelves.flatMap((shelf) => shelf.tools.map((tool) => ({ shelf, tool })));
  const failures = shelves.flatMap(failureOf);
  const room = maxBytes - jsonBytes(failures.join("\n")) - SENTENCE_BYTES;
  if (names.length > 0) {
    return withFailures(showNamed(names, hits, room), failures);
  }
  if (query === undefined) {
    return withFailures(showAll(shelves, room), failures);
  }
  const documents = hits.map(({ shelf, tool }) => [
    { text: tool.name, weight: 4 },
    { text: `${shelf.server} ${tool.title ?? tool.annotations?.title ?? ""}`, weight: 2 },
    { text: tool.description ?? "", weight: 1 },
  ]);
  const ranked = rank(query, documents).flatMap((index) => hits[index] ?? []);
  return withFailures(showRanked(ranked, hits.length, room), failures);
}

function showRanked(ranked: readonly Hit[], total: number, room: number): Shown {
  if (ranked.length === 0) {
    const text = `None of ${counted(total, "tool")} matches. Ask in other words, or without a query for all names.`;
    return { text, data: { summary: text, tools: [] } };
  }
  const best = ranked.slice(0, MOST_HITS);
  const left = ranked.length - best.length;
  const more = left > 0 ? ` The best ${best.length} are:` : "";
  const summary = `${ranked.length} of ${counted(total, "tool")} ${ranked.length === 1 ? "matches" : "match"}.${more}`;
  const isFew = ranked.length <= MOST_SCHEMAS;
  return isFew
    ? withSchemas(summary, best, room)
    : {
        text: [summary, ...best.map(lineOf), ARGUMENTS_HINT].join("\n"),
        data: { summary, tools: best.map(factsOf), hint: ARGUMENTS_HINT },
      };
}

const ARGUMENTS_HINT =
  'For the arguments of some: {"tools": [names]}. Then call them by parallel_call.';

function showNamed(names: readonly string[], hits: readonly Hit[], room: number): Shown {
  const asked = names.slice(0, MOST_NAMED);
  const found = asked.map((name) => hits.filter((hit) => isCalled(hit, name)));
  const known = hits.map(nameOf);
  const unknown = asked
    .filter((_, index) => found[index]?.length === 0)
    .map((name) => `There is no tool ${quoted(name)}${didYouMean(name, known)}.`);
  const all = [...new Set(found.flat())];
  const shown = all.slice(0, MOST_NAMED);
  const isMore = names.length > asked.length || all.length > shown.length;
  const more = isMore ? [`Only the first ${MOST_NAMED} are told of.`] : [];
  const summary = [`${counted(all.length, "tool")}.`, ...more, ...unknown];
  return withSchemas(summary.join(" "), shown, room);
}

/** The tools with their arguments, which share the room fairly. */
function withSchemas(summary: string, hits: readonly Hit[], room: number): Shown {
  const wholes = hits.map(({ tool, shelf }) => ({
    description: shortText(shelf.redact(tool.description ?? ""), LONGEST_DESCRIPTION),
    arguments: shelf.redact(JSON.stringify(tool.inputSchema)),
  }));
  const needs = wholes.map((whole) => jsonBytes(whole) + SENTENCE_BYTES / 2);
  const shares = fairShares(needs, Math.max(0, room));
  const shown = hits.map((hit, index) => {
    const whole = wholes[index] as (typeof wholes)[number]; // There is one for each.
    const share = (shares[index] ?? 0) - SENTENCE_BYTES / 2;
    const isWhole = jsonBytes(whole) <= share;
    const description = isWhole ? whole.description : shortText(whole.description, share / 3);
    const room = share - jsonBytes(description);
    const { tool, shelf } = hit;
    const schema = isWhole ? whole.arguments : shorterSchema(tool.inputSchema, shelf.redact, room);
    return { ...factsOf(hit), description, arguments: schema };
  });
  const texts = shown.map(
    ({ name, reads, description, arguments: schema }) =>
      `${name}${reads ? " (only reads)" : ""}: ${description}\narguments: ${schema}`,
  );
  return { text: [summary, ...texts].join("\n\n"), data: { summary, tools: shown } };
}

/** A schema without what only explains it; where that is too long as well, its names. */
function shorterSchema(schema: object, redact: Shelf["redact"], bytes: number): string {
  const bare = JSON.stringify(schema, (key, value: unknown) =>
    typeof value === "string" && ["description", "title", "$comment"].includes(key)
      ? undefined
      : value,
  );
  const told = redact(bare);
  if (jsonBytes(told) <= bytes) {
    return told;
  }
  const { properties, required } = schema as { readonly [key: string]: unknown };
  const names = JSON.stringify({ names: Object.keys(properties ?? {}), required });
  return shortLine(
    `${redact(names)} (its schema is too long; ask for this tool alone)`,
    Math.max(LEAST_SCHEMA, bytes - LEAST_SCHEMA),
  );
}

/** All names, as many as there is room for. */
function showAll(shelves: readonly Shelf[], room: number): Shown {
  const total = shelves.reduce((sum, { tools }) => sum + tools.length, 0);
  const summary = `${counted(total, "tool")} of ${counted(shelves.length, "server")}. Say by "query" what you want to do, or by "tools" whose arguments you need.`;
  const lists = shelves.map(({ tools }) => tools.map(({ name }) => name));
  // A name stands in the text with its separator, and in the data with its quotes.
  const needs = lists.map((names) => names.reduce((sum, name) => sum + jsonBytes(name) + 1, 60));
  const shares = fairShares(needs, Math.max(0, room));
  const servers = shelves.map(({ server }, index) => {
    let left = (shares[index] ?? 0) - 60;
    const names = (lists[index] ?? []).filter((name) => (left -= jsonBytes(name) + 1) >= 0);
    return { server, count: lists[index]?.length ?? 0, names };
  });
  const lines = servers.map(({ server, count, names }) => {
    const more = count > names.length ? ` … and ${count - names.length} more` : "";
    return `${server} (${counted(count, "tool")}): ${names.join(", ")}${more}`;
  });
  return { text: [summary, ...lines].join("\n"), data: { summary, servers } };
}

function withFailures({ text, data }: Shown, failures: readonly string[]): Shown {
  return failures.length === 0
    ? { text, data }
    : { text: [text, ...failures].join("\n\n"), data: { ...data, failures } };
}

function failureOf({ failure, warning, redact }: Shelf): readonly string[] {
  return [failure ?? [], warning ?? []]
    .flat()
    .map((text) => shortText(redact(text), LONGEST_FAILURE));
}

const nameOf = ({ shelf, tool }: Hit): string => `${shelf.server}/${tool.name}`;

function isCalled(hit: Hit, name: string): boolean {
  return name === nameOf(hit) || name === hit.tool.name;
}

function lineOf(hit: Hit): string {
  const { name, reads, description } = factsOf(hit);
  return `${name}${reads ? " (only reads)" : ""}${description === "" ? "" : `: ${description}`}`;
}

function factsOf(hit: Hit): { name: string; reads: boolean; description: string } {
  const { tool, shelf } = hit;
  const [line = ""] = (tool.description ?? tool.title ?? "").trim().split("\n", 1);
  const description = shortText(shelf.redact(line), LONGEST_LINE);
  return { name: nameOf(hit), reads: onlyReads(tool), description };
}

function shortText(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length).replace(/[\ud800-\udbff]$/, "")}…` : text;
}
