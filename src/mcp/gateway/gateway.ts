/** The servers behind a gateway: their tools found, and called together. */
import { describeError } from "../../core/errors.ts";
import type { Limit } from "../../core/limits/limit.ts";
import { limit } from "../../core/limits/limit.ts";
import { didYouMean } from "../../core/suggest.ts";
import { untilAborted } from "../../core/until-aborted.ts";
import { toolbox } from "../../tools/toolbox.ts";
import type { Tool } from "../../tools/tool.ts";
import type { ToolResult } from "../../tools/result.ts";
import { batchClaims } from "../batch-claims.ts";
import { BatchRun, type Standing } from "../batch-run.ts";
import type { Given } from "../given.ts";

import type { ServiceParts } from "../service.ts";
import { showResult, type Shown } from "../shown-result.ts";
import type { Work } from "../works.ts";
import { ArrivalLines } from "./arrival-lines.ts";
import { callParts } from "./call-parts.ts";
import type { Open } from "./connection.ts";
import { readSearch, showTools, type Shelf } from "./find-tools.ts";
import { HeldAnswers } from "./held-answers.ts";
import { InnerServer } from "./inner-server.ts";
import type { InnerSettings } from "./inner-settings.ts";
import { innerTool, onlyReads } from "./inner-tools.ts";
import { readCalls, type GivenCall } from "./read-calls.ts";
import { resolveCalls, type FoundTool } from "./resolve-calls.ts";

/** Servers, and what their calls share with everything else of the service. */
export type GatewayParts = Pick<ServiceParts, "settings" | "places" | "files" | "newMark">;

/** A server, and what limits its calls. */
interface Member {
  readonly server: InnerServer;
  readonly limit: Limit;
}

/** The gateway. */
export class Gateway {
  readonly #parts: GatewayParts;
  readonly #members: ReadonlyMap<string, Member>;
  readonly #lines = new ArrivalLines();

  constructor(servers: readonly InnerSettings[], parts: GatewayParts) {
    this.#parts = parts;
    const { settings, newMark } = parts;
    const { clock, version, roots } = settings;
    const options = { open: openLazily, clock, version, cwd: roots[0].path, newMark };
    this.#members = new Map(
      servers.map((server) => {
        const { name, concurrency, requestsPerMinute } = server;
        const calls = limit({
          name: `mcp:${name}`,
          concurrency,
          requestsPerMinute,
          burst: Infinity,
        });
        return [name, { server: new InnerServer(server, options), limit: calls }];
      }),
    );
  }

  /**
   * Answers `find_tools`: starts the servers that it needs, all at once.
   *
   * @throws Refusal - when its arguments are wrong
   */
  async find(given: Given, signal: AbortSignal): Promise<Shown> {
    const search = readSearch(given, [...this.#members.keys()]);
    const names = search.server === undefined ? [...this.#members.keys()] : [search.server];
    const shelves = await untilAborted(signal, Promise.all(names.map((name) => this.#shelf(name))));
    return showTools(search, shelves, this.#parts.settings.maxResultBytes);
  }

  /**
   * The calls of `parallel_call` as work.
   *
   * @throws Refusal - when its arguments are wrong
   */
  work(given: Given): Work {
    const { calls, failure } = readCalls(given, [...this.#members.keys()]);
    const { settings, places, files } = this.#parts;
    const { clock, maxResultBytes: maxBytes } = settings;
    let standing = (): Standing => ({
      ended: 0,
      total: calls.length,
      running: ["starting servers"],
    });
    const run = async (key: string, signal: AbortSignal): Promise<Shown> => {
      const needed = this.#neededBy(calls);
      const { turn, leave } = this.#lines.enter(needed);
      try {
        const answers = new HeldAnswers(calls, { files, maxBytes, redact: this.#redact });
        const { batch, tools, titles } = resolveCalls(
          { calls, failure },
          {
            shelves: await this.#shelves(needed, signal),
            makeTool: (found, name) => this.#toolOf(found, name, answers),
          },
        );
        await untilAborted(signal, turn);
        const { limit: most } = settings;
        const own = toolbox(tools, {
          clock,
          limit: most,
          root: settings.roots[0].path,
          maxResultBytes: Infinity, // Results are made to fit together.
        });
        const touches = batchClaims(batch, own.tools);
        const onResult = ({ id }: ToolResult): void => answers.end(id);
        const surroundings = { box: own, places, clock, claims: "own", touches, onResult } as const;
        const batchRun = new BatchRun(batch, surroundings);
        standing = () => batchRun.standing;
        const ending = batchRun.run(key, signal);
        leave(); // It stands before all that comes from now on.
        const { summary, media } = await callParts(await ending, {
          files,
          titles,
          answers,
          redact: this.#redact,
        });
        return { ...(await showResult(summary, { maxBytes, files })), media };
      } finally {
        leave();
      }
    };
    return { startedAtMs: clock.now(), standing: () => standing(), run };
  }

  /** Ends all servers. */
  async close(reason: string): Promise<void> {
    await Promise.all([...this.#members.values()].map(({ server }) => server.close(reason)));
  }

  readonly #redact = (text: string): string =>
    [...this.#members.values()].reduce((left, { server }) => server.settings.redact(left), text);

  async #shelf(name: string): Promise<Shelf> {
    const { server } = this.#members.get(name) as Member; // The name was checked.
    const { redact } = server.settings;
    try {
      const all = await server.tools();
      const tools = this.#parts.settings.readOnly ? all.filter(onlyReads) : all;
      const warning = unknownTools(server, all);
      return { server: name, tools, failure: undefined, warning, redact };
    } catch (error) {
      const failure = describeError(error);
      return { server: name, tools: [], failure, warning: undefined, redact };
    }
  }

  /** The servers of the calls: all, where one does not say which. */
  #neededBy(calls: readonly GivenCall[]): readonly string[] {
    const all = [...this.#members.keys()];
    return calls.some(({ server }) => server === undefined)
      ? all
      : all.filter((name) => calls.some(({ server }) => server === name));
  }

  /** Undefined where the signal is aborted before all are known. */
  async #shelves(
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly Shelf[] | undefined> {
    if (signal.aborted) {
      return undefined; // Nothing is started for it.
    }
    try {
      return await untilAborted(signal, Promise.all(names.map((name) => this.#shelf(name))));
    } catch {
      return undefined; // A shelf says itself why it is empty.
    }
  }

  #toolOf({ server, tool }: FoundTool, name: string, answers: HeldAnswers): Tool {
    const { server: inner, limit: calls } = this.#members.get(server) as Member;
    const [root] = this.#parts.settings.roots;
    return innerTool(inner, tool, name, { limit: calls, root, answers });
  }
}

/** What is configured of tools that are not there, or not offered. */
function unknownTools(
  { settings }: InnerServer,
  listed: readonly { readonly name: string }[],
): string | undefined {
  const known = listed.map(({ name }) => name);
  const unknown = Object.keys(settings.tools).filter((name) => !known.includes(name));
  const list = unknown.map((name) => `${JSON.stringify(name)}${didYouMean(name, known)}`);
  return list.length === 0
    ? undefined
    : `What is configured of tools of server "${settings.name}" that it does not offer has no effect: ${list.join(", ")}.`;
}

/** The client of the protocol is loaded when a server is first started. */
const openLazily: Open = async (settings, options) => {
  const { openConnection } = await import("./connection.ts");
  return await openConnection(settings, options);
};
