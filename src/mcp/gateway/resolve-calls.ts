/** From calls as a model wrote them, and the tools that there are, to a batch: each name becomes a tool, or what is wrong with it. */
import { freeName, toolName } from "../../adapters/mcp/tool-name.ts";
import { didYouMean } from "../../core/suggest.ts";
import type { Tool } from "../../tools/tool.ts";
import { refusalOf } from "../given-together.ts";
import { orderSteps } from "../order-steps.ts";
import type { Batch, Step } from "../step.ts";
import type { Shelf } from "./find-tools.ts";
import { missingTool } from "./inner-tools.ts";
import type { GivenCall, GivenCalls } from "./read-calls.ts";

/** A tool on its server. */
export interface FoundTool {
  readonly server: string;
  readonly tool: Shelf["tools"][number];
}

/** Calls whose tools are known. */
export interface ResolvedCalls {
  readonly batch: Batch<string>;
  /** Each once, under a name of its own in the batch. */
  readonly tools: readonly Tool[];
  /** What a tool is called to a model, by that name. */
  readonly titles: ReadonlyMap<string, string>;
}

/** What calls are resolved with. */
export interface ResolveOptions {
  /** The tools of the servers that the calls need; undefined where the call was cancelled before they were known. */
  readonly shelves: readonly Shelf[] | undefined;
  /** Makes a tool under a name of its own. */
  makeTool(found: FoundTool, name: string): Tool;
}

/** @throws Refusal - when there is no such tool, or the calls wait for each other */
export function resolveCalls(
  { calls, failure }: GivenCalls,
  { shelves, makeTool }: ResolveOptions,
): ResolvedCalls {
  const tools = new Map<string, Tool>();
  const titles = new Map<string, string>();
  const complaints: string[] = [];
  /** The name of a tool in the batch: one for all of its calls. */
  const kindOf = (title: string, make: (name: string) => Tool): string => {
    const known = [...titles].find(([, each]) => each === title)?.[0];
    const kind = known ?? freeName(toolName(title.replace("/", ".")), new Set(titles.keys()));
    if (known === undefined) {
      titles.set(kind, title);
      tools.set(kind, make(kind));
    }
    return kind;
  };
  const steps = calls.map((call): Step<string> => {
    const { id, after, fields, server, tool } = call;
    const title = `${server ?? "?"}/${tool}`;
    const found = shelves === undefined ? new Error("cancelled") : findTool(call, shelves);
    if (typeof found === "string") {
      complaints.push(`call ${JSON.stringify(id)}: ${found}`);
      return { id, kind: title, after, fields };
    }
    const kind =
      found instanceof Error
        ? kindOf(title, (name) => missingTool(name, found))
        : kindOf(`${found.server}/${found.tool.name}`, (name) => makeTool(found, name));
    return { id, kind, after, fields };
  });
  const ordered = orderSteps(steps);
  const wrong = [...complaints, ...("complaints" in ordered ? ordered.complaints : [])];
  if (wrong.length > 0 || "complaints" in ordered) {
    throw refusalOf(wrong);
  }
  const batch = { steps, inOrder: ordered.steps, failure };
  return { batch, tools: [...tools.values()], titles };
}

/** The tool of a call, what is wrong with its name, or why its server is not there. */
function findTool(
  { server, tool }: GivenCall,
  shelves: readonly Shelf[],
): FoundTool | Error | string {
  const asked = shelves.filter((shelf) => server === undefined || shelf.server === server);
  const found = asked.flatMap((shelf) => {
    const listed = shelf.tools.find(({ name }) => name === tool);
    return listed === undefined ? [] : [{ server: shelf.server, tool: listed }];
  });
  const [only, other] = found;
  if (only !== undefined) {
    const names = found.map((each) => `${each.server}/${tool}`).join(" and ");
    return other === undefined ? only : `several servers have a tool of that name: say ${names}`;
  }
  const failures = asked.flatMap(({ failure }) => failure ?? []).join("\n");
  if (failures !== "" && server !== undefined) {
    return new Error(failures);
  }
  const names = asked.flatMap((shelf) => shelf.tools.map(({ name }) => `${shelf.server}/${name}`));
  const title = `${server === undefined ? "" : `${server}/`}${tool}`;
  const hint = didYouMean(title, names);
  // Without a server, it may be a tool of one that cannot be asked.
  return failures === ""
    ? `there is no tool ${JSON.stringify(title)}${hint}; find_tools tells which there are`
    : new Error(
        `no server that could be asked has a tool ${JSON.stringify(title)}${hint}\n${failures}`,
      );
}
