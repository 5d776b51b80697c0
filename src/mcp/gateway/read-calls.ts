/** From what a model wrote to calls of tools of other servers. What is wrong with them is said at once, and nothing runs. */
import { isPlainObject } from "../../tools/plain-object.ts";
import { argumentsOf, isDeeperThan, isNothing, shown, type Given } from "../given.ts";
import {
  failureOf,
  idsIn,
  isId,
  listOf,
  refusalOf,
  repeatedIds,
  withIds,
  wrongId,
} from "../given-together.ts";
import { didYouMean } from "../../core/suggest.ts";
import { unknownServer } from "./find-tools.ts";

/** A call that has been read, of a tool that may be there or not. */
export interface GivenCall {
  readonly id: string;
  /** Undefined where the tool is told by its name alone. */
  readonly server: string | undefined;
  readonly tool: string;
  readonly after: readonly string[];
  /** Its arguments; references stand where they stood. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Calls that were given together. */
export interface GivenCalls {
  readonly calls: readonly GivenCall[];
  readonly failure: "continue" | "stop";
}

/** How deeply arguments may nest. */
const DEEPEST = 64;

const FIELDS = ["id", "server", "tool", "arguments", "after"];

/**
 * Reads the `calls` and `failure` of a call of `parallel_call`.
 *
 * @throws Refusal - with all that is wrong, one thing a line
 */
export function readCalls(given: Given, servers: readonly string[]): GivenCalls {
  const asked = argumentsOf(given, { tool: "parallel_call", known: ["calls", "failure"] });
  const example = '[{"tool": "wiki/search", "arguments": {"query": "x"}}]';
  const list = listOf(asked["calls"], { name: "calls", example });
  const failure = failureOf(asked["failure"]);
  const complaints: string[] = [];
  const calls = list.flatMap((each, index) => {
    const read = readCall(each, { number: index + 1, servers });
    if ("complaints" in read) {
      complaints.push(...read.complaints);
      return [];
    }
    return [read];
  });
  complaints.push(...repeatedIds(calls));
  if (complaints.length > 0) {
    throw refusalOf(complaints);
  }
  return {
    calls: calls.map((call) => ({ ...call, fields: withIds(call.fields, calls) })),
    failure,
  };
}

function readCall(
  given: unknown,
  { number, servers }: { readonly number: number; readonly servers: readonly string[] },
): GivenCall | { readonly complaints: readonly string[] } {
  if (!isPlainObject(given)) {
    return { complaints: [`call ${number} must be an object with a "tool"`] };
  }
  const call: Given = Object.fromEntries(
    Object.entries(given).filter(([, value]) => !isNothing(value)),
  );
  const { id = String(number), tool = "", after, arguments: input = {}, server } = call;
  const complaints: string[] = [];
  const name = isId(id) ? `call ${JSON.stringify(id)}` : `call ${number}`;
  const complain = (text: string): void => void complaints.push(`${name}: ${text}`);
  if (!isId(id)) {
    complain(wrongId(id));
  }
  for (const field of Object.keys(call).filter((each) => !FIELDS.includes(each))) {
    complain(
      `there is no field ${shown(field)}${didYouMean(field, FIELDS)}; it has ${FIELDS.join(", ")}`,
    );
  }
  const names = idsIn(after);
  if (names === undefined) {
    complain(`"after" must be a list of ids of other calls: ${shown(after)}`);
  }
  if (typeof tool !== "string" || tool === "") {
    complain(
      `"tool" must be the name of a tool, such as "${servers[0]}/search"; find_tools finds it`,
    );
  }
  const fields = readArguments(input);
  if (fields === undefined) {
    complain(`"arguments" must be an object with the arguments of the tool: ${shown(input)}`);
  }
  const place = placeOf(server, String(tool), servers);
  if (place.server !== undefined && !servers.some((each) => each === place.server)) {
    complain(unknownServer(place.server, servers));
  }
  return isId(id) && names !== undefined && fields !== undefined && complaints.length === 0
    ? { id, server: place.server as string | undefined, tool: place.tool, after: names, fields } // Its server was checked.
    : { complaints };
}

/** The server and the tool: `wiki/search` is the tool `search` of the server `wiki`. */
function placeOf(
  server: unknown,
  tool: string,
  servers: readonly string[],
): { readonly server: unknown; readonly tool: string } {
  const slash = tool.indexOf("/");
  const before = tool.slice(0, Math.max(0, slash));
  return servers.includes(before) && (server === undefined || server === before)
    ? { server: before, tool: tool.slice(slash + 1) }
    : { server, tool };
}

/** Some models write arguments as a text. */
function readArguments(given: unknown): GivenCall["fields"] | undefined {
  let input = given;
  if (typeof given === "string") {
    try {
      input = JSON.parse(given) as unknown;
    } catch {
      return undefined;
    }
  }
  return isPlainObject(input) && !isDeeperThan(input, DEEPEST) ? input : undefined;
}
