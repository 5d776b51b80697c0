/** The tools as clients see them: written for models, and short, as every conversation pays for them. */
import type { JsonSchema } from "../tools/tool.ts";
import { FAILURE, RESULT, object, text, type ListedTool } from "./listed-tool.ts";
import { gatewayTools } from "./gateway/gateway-tools.ts";
import type { McpSettings } from "./server-options.ts";
import { FIELDS, FIELDS_OF } from "./step-fields.ts";
import { KINDS, READING_KINDS, type StepKind } from "./step.ts";

/** The kinds of steps that `parallel_read` has. */
export function readingKinds({ hasHosts }: McpSettings): readonly StepKind[] {
  return READING_KINDS.filter((kind) => kind !== "fetch" || hasHosts);
}

/** The kinds of steps that `parallel_run` has. */
export function allKinds({ hasHosts }: McpSettings): readonly StepKind[] {
  return KINDS.filter((kind) => kind !== "fetch" || hasHosts);
}

/** The tools that a server offers, always in this order. */
export function listTools(settings: McpSettings): readonly ListedTool[] {
  const files = settings.hasFiles ? fileTools(settings) : [];
  return settings.gateway.length === 0 ? files : [...files, ...gatewayTools(settings)];
}

function fileTools(settings: McpSettings): readonly ListedTool[] {
  const read = parallelRead(settings);
  if (settings.readOnly) {
    return [read];
  }
  const batches = [read, parallelRun(settings), startRun(settings), RUN_STATUS, CANCEL_RUN];
  return hasPlans(settings) ? [...batches, RUN_PLAN, CHECK_PLAN] : batches;
}

/** Whether plan files may be run: a plan may run any command, so that it would get around a policy of commands. */
export function hasPlans({ policy }: McpSettings): boolean {
  return policy.allow.length === 0 && policy.deny.length === 0;
}

/** One flat object: what a step does is told by which of the fields it has. */
function stepsOf(kinds: readonly StepKind[]): JsonSchema {
  const names = [...new Set(kinds.flatMap((kind) => FIELDS_OF[kind]))];
  const fields = names.map((name) => [name, FIELDS[name]?.schema ?? {}] as const);
  return {
    type: "array",
    description: `Each step has exactly one of: ${kinds.join(", ")}`,
    items: object(
      {
        id: text("For after and $from. Default: its number, from 1"),
        after: {
          type: "array",
          items: text(),
          description: "Ids of steps that must complete before",
        },
        ...Object.fromEntries(fields),
      },
      [],
    ),
  };
}

function parallelRead(settings: McpSettings): ListedTool {
  const kinds = readingKinds(settings);
  const web = kinds.includes("fetch") ? ", fetches URLs" : "";
  return {
    name: "parallel_read",
    description: `Reads files, searches and lists folders${web}: all that you want to see next, in one call, at the same time. Example: {"steps": [{"read": ["src/a.ts", "src/b.ts"]}, {"read": "app.log", "from": 100, "to": 200}, {"search": "TODO|FIXME", "in": "src", "glob": "*.ts"}, {"list": ".", "depth": 2}]}. A step can use what another found: {"id": "s", "search": "class User"}, {"read": {"$from": "s", "path": "/files"}}.`,
    inputSchema: object({ steps: stepsOf(kinds), failure: FAILURE }, ["steps"]),
    outputSchema: RESULT,
    annotations: {
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: settings.hasHosts,
    },
  };
}

const CHANGES = {
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: false,
  openWorldHint: true,
} as const;

function parallelRun(settings: McpSettings): ListedTool {
  const shell = hasPlans(settings)
    ? ""
    : ' Commands must be lists, as ["npm", "test"]; some may be refused.';
  // Where there is a policy an example for the shell would be refused.
  const command = (line: string): string =>
    hasPlans(settings) ? `"${line}"` : `["${line.split(" ").join('", "')}"]`;
  return {
    name: "parallel_run",
    description: `Runs commands, edits and writes files, and reads, in one call. Steps run at the same time, except: "after" names steps that must complete before; steps that touch the same file keep their order; a command without "reads" and "writes" keeps its order with edits and writes, and lets no other call run meanwhile: declare them if you can (paths; [] for none). A step after one that failed (of a command: exit code not 0) is skipped.${shell} Example: {"steps": [{"edit": "a.ts", "old": "x = 1", "new": "x = 2"}, {"id": "build", "run": ${command("npm run build")}}, {"run": ${command("npm test")}, "after": ["build"]}, {"run": ["npx", "tsc", "--noEmit"], "after": ["build"]}]}. $from stands for a result, as in parallel_read: of run /stdout, /stderr; of search, list /files; of read /text.`,
    inputSchema: object({ steps: stepsOf(allKinds(settings)), failure: FAILURE }, ["steps"]),
    outputSchema: RESULT,
    annotations: CHANGES,
  };
}

const PLAN = {
  plan: text("Path of a plan file"),
  set: { type: "object", description: "Inputs of the plan by name" },
  only: { type: "array", items: text(), description: "Only these tasks and those before them" },
};

function startRun(settings: McpSettings): ListedTool {
  const plans = hasPlans(settings);
  return {
    name: "start_run",
    description: `Starts ${plans ? "a batch or a plan" : "a batch"} and returns its id at once: for what takes over a minute. Commands in it must declare reads and writes. Then use run_status.`,
    inputSchema: object(
      {
        steps: {
          type: "array",
          items: { type: "object" },
          description: "As in parallel_run",
        },
        failure: FAILURE,
        ...(plans ? PLAN : {}),
      },
      [],
    ),
    outputSchema: {
      type: "object",
      properties: { run: text(), summary: text() },
      required: ["run", "summary"],
    },
    annotations: CHANGES,
  };
}

const RUN_STATUS: ListedTool = {
  name: "run_status",
  description: "How far a run is, or its results once it has ended.",
  inputSchema: object(
    {
      run: text(),
      waitMs: { type: "integer", description: "Wait so long for its end, at most 50000" },
    },
    ["run"],
  ),
  outputSchema: {
    type: "object",
    properties: { run: text(), status: text(), summary: text(), steps: { type: "array" } },
    required: ["run", "status", "summary", "steps"],
  },
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
};

const CANCEL_RUN: ListedTool = {
  name: "cancel_run",
  description: "Stops a run and every process of it, and returns what came of it.",
  inputSchema: object({ run: text() }, ["run"]),
  annotations: { ...CHANGES, idempotentHint: true, openWorldHint: false },
};

const RUN_PLAN: ListedTool = {
  name: "run_plan",
  description: "Runs a plan file of the project (tasks with dependencies, in YAML).",
  inputSchema: object(PLAN, ["plan"]),
  annotations: CHANGES,
};

const CHECK_PLAN: ListedTool = {
  name: "check_plan",
  description: "Says what is wrong with a plan file, or what would run beside what. Runs nothing.",
  inputSchema: object(PLAN, ["plan"]),
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
};
