/**
 * What a server does, whatever the transport: one toolbox, whose claims order the calls of all its clients, and the runs that outlive calls.
 * Everything that it starts ends with it.
 */
import { randomUUID } from "node:crypto";
import { describeError } from "../core/errors.ts";
import { longestEndMs } from "../system/command-end.ts";
import { endMarked, killMarked } from "../system/marked-processes.ts";
import { killAllGroups } from "../system/process-group.ts";
import { rootFolder } from "../system/root-folder.ts";
import { toolbox, type Toolbox } from "../tools/toolbox.ts";
import { refusedBy } from "./command-policy.ts";
import type { Fields } from "./fields-of.ts";
import { Gateway } from "./gateway/gateway.ts";
import { Places } from "./in-place.ts";
import { ModulePlans } from "./module-plans.ts";
import { OtherServers } from "./other-servers.ts";
import { instructionsFor } from "./instructions.ts";
import { KeptRuns } from "./kept-runs.ts";
import type { Progress } from "./progress.ts";
import { Refusal } from "./refusal.ts";
import { ResultFiles } from "./result-files.ts";
import type { MediaBlock } from "./shown-result.ts";
import { settingsOf, type McpServerOptions, type McpSettings } from "./server-options.ts";
import { stepTools } from "./step-tools.ts";
import { commandOf } from "./run-step.ts";
import type { ListedTool } from "./listed-tool.ts";
import { listTools } from "./tool-list.ts";
import { toolHandlers, type ToolHandlers } from "./tool-handlers.ts";

/** How long commands may take to stop when a server ends, in milliseconds. */
const CLOSING_GRACE_MS = 2000;

/** What a call of a tool comes with. */
export interface CallOptions {
  /** Cancels the call. */
  readonly signal: AbortSignal;
  /** Told every second how far the call is. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** The answer of a tool, as the protocol has it. */
export interface CallAnswer {
  readonly content: ({ readonly type: "text"; readonly text: string } | MediaBlock)[];
  readonly structuredContent?: Record<string, unknown>;
  readonly isError?: true;
}

/** What all connections of a server share. */
export interface McpService {
  readonly version: string;
  readonly instructions: string;
  readonly tools: readonly ListedTool[];
  /** The plans under way that run modules. */
  readonly modules: Pick<ModulePlans, "hasRun" | "cancelAll">;
  /** Answers a call; never rejects because of what the call asks for. */
  call(
    tool: ListedTool,
    given: Readonly<Record<string, unknown>>,
    options: CallOptions,
  ): Promise<CallAnswer>;
  /** Cancels everything. Resolves when nothing of it is left, on Linux also no process that left its group. */
  close(reason: string): Promise<void>;
  /** Ends every process at once, without grace. */
  kill(): void;
}

/** What the handlers of the tools work with. */
export interface ServiceParts {
  readonly settings: McpSettings;
  readonly box: Toolbox;
  readonly places: Places;
  readonly runs: KeptRuns;
  readonly files: ResultFiles;
  readonly modules: ModulePlans;
  /** The servers behind it; undefined where there are none. */
  readonly gateway: Gateway | undefined;
  /** A mark for processes that nothing else of this server has. */
  newMark(): string;
}

/**
 * Makes a service.
 *
 * @throws RangeError, TypeError or Error - when an option is invalid, or there is no such folder
 */
export function mcpService(options: McpServerOptions): McpService {
  const settings = settingsOf(options);
  const files = new ResultFiles();
  const tidied = files.removeLeft();
  const mark = randomUUID();
  let marks = 0;
  const newMark = (): string => `${mark}.${(marks += 1)}`;
  const box = boxOf(settings, { files, newMark });
  const { roots, clock, warn } = settings;
  const others = new OtherServers({ roots, mark, clock, warn });
  const places = new Places({ box, servers: others, clock });
  const { gateway: servers } = settings;
  const parts: ServiceParts = {
    settings,
    box,
    places,
    runs: new KeptRuns(),
    files,
    modules: new ModulePlans(),
    gateway:
      servers.length === 0 ? undefined : new Gateway(servers, { settings, places, files, newMark }),
    newMark,
  };
  const tools = listTools(settings);
  const open = new OpenCalls(toolHandlers(parts));
  const kill = (): void => {
    killAllGroups();
    killMarked(mark);
  };
  return {
    version: settings.version,
    instructions: instructionsFor(settings),
    tools,
    modules: parts.modules,
    call: async (tool, given, callOptions) => await open.call(tool, given, callOptions),
    async close(reason) {
      open.cancelAll(reason);
      const closing = parts.gateway?.close(reason);
      await parts.runs.close(reason);
      await open.idle();
      await closing;
      await tidied;
      await box.idle();
      await endMarked(mark, CLOSING_GRACE_MS);
      files.close();
    },
    kill() {
      kill();
      files.close();
    },
  };
}

function boxOf(
  settings: McpSettings,
  { files, newMark }: Pick<ServiceParts, "files" | "newMark">,
): Toolbox {
  const { roots, coding, policy, limit, clock } = settings;
  const tools = stepTools({
    roots: [roots[0], ...roots.slice(1), rootFolder(files.folder)],
    coding,
    commands: { policy, coding, newMark },
  });
  return toolbox(tools, {
    root: roots[0].path,
    limit,
    clock,
    // A command ends its processes itself: it is not given up before.
    graceMs: longestEndMs(coding.commandGraceMs),
    maxResultBytes: Infinity, // Results are made to fit together, not one by one.
    approve: ({ input }) => {
      const reason = refusedBy(policy, commandOf(input as Fields));
      return { approved: reason === undefined, reason };
    },
  });
}

/** The calls that are under way. */
class OpenCalls {
  readonly #handlers: ToolHandlers;
  readonly #calls = new Map<AbortController, Promise<CallAnswer>>();
  /** Why none begins any more. */
  #closed: string | undefined;

  constructor(handlers: ToolHandlers) {
    this.#handlers = handlers;
  }

  async call(
    { name }: ListedTool,
    given: Readonly<Record<string, unknown>>,
    { signal, onProgress }: CallOptions,
  ): Promise<CallAnswer> {
    const controller = new AbortController();
    const cancel = (): void => controller.abort(signal.reason);
    signal.addEventListener("abort", cancel, { once: true });
    if (signal.aborted) {
      cancel();
    }
    if (this.#closed !== undefined) {
      controller.abort(this.#closed);
    }
    const answer = this.#answer(name, given, { signal: controller.signal, onProgress });
    this.#calls.set(controller, answer);
    try {
      return await answer;
    } finally {
      this.#calls.delete(controller);
      signal.removeEventListener("abort", cancel);
    }
  }

  /** Cancels all, and those that are still to come. */
  cancelAll(reason: string): void {
    this.#closed = reason;
    for (const controller of this.#calls.keys()) {
      controller.abort(reason);
    }
  }

  async idle(): Promise<void> {
    await Promise.all(this.#calls.values());
  }

  async #answer(
    name: ListedTool["name"],
    given: Readonly<Record<string, unknown>>,
    options: CallOptions,
  ): Promise<CallAnswer> {
    try {
      const handler = this.#handlers[name];
      if (handler === undefined) {
        throw new Refusal(`There is no tool ${name} here.`);
      }
      const { text, data, media = [] } = await handler(given, options);
      return { content: [{ type: "text", text }, ...media], structuredContent: { ...data } };
    } catch (error) {
      const text =
        error instanceof Refusal ? error.message : `${name} failed: ${describeError(error)}`;
      return { content: [{ type: "text", text }], isError: true };
    }
  }
}
