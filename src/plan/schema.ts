/** The shape of a plan file. What cannot be said by shapes (names, references, cycles) is checked by the loader. */
import { z } from "zod";
import {
  modelDefinition,
  modelEntry,
  modelInnerFields,
  modelKinds,
  rule,
  synthesisEntry,
  usd,
  using,
} from "./model-schema.ts";
import { count, duration, name, scalar, text, texts, value } from "./schema-parts.ts";
import type { Declarations, KindName } from "./settings.ts";

const afterEntry = z.strictObject({
  task: name,
  until: z.enum(["completed", "settled"]).optional(),
});
const after = z
  .union(
    [
      name,
      z.array(
        z.union([name, afterEntry], { error: "must be the name of a task, or { task, until }" }),
      ),
    ],
    { error: "must be the name of a task or a list of them" },
  )
  .describe("Tasks that must complete first; with `until: settled` whatever becomes of them.");

const retryEntry = z.strictObject({
  attempts: count,
  delay: duration.optional(),
  maxDelay: duration.optional(),
  factor: z.number().min(1, "must be a number from 1").optional(),
  jitter: z.enum(["full", "none"]).optional(),
});

const declarations = {
  after: after.optional(),
  reads: texts
    .optional()
    .describe("Paths and globs that it reads; it waits for those that write them."),
  writes: texts
    .optional()
    .describe("Paths and globs that it writes; nobody who uses them runs beside it."),
  exclusive: z.boolean().optional().describe("Runs alone."),
  limit: z
    .union([name, z.array(name)], { error: "must be the name of a limit or a list of them" })
    .optional()
    .describe("Further limits to obey, by name."),
  weight: count.optional().describe("How many units it takes of each of its limits."),
  timeout: duration.optional().describe("The longest time that one attempt may run."),
  deadline: duration
    .optional()
    .describe("The longest time from the start of the plan to its end, waiting included."),
  grace: duration
    .optional()
    .describe("How long it may take to stop when cancelled, before it is killed."),
  retry: z
    .union([count, retryEntry], {
      error: "must be a whole number from 1, or { attempts, delay, maxDelay, factor, jitter }",
    })
    .optional()
    .describe(
      "How many attempts there may be, the first included. Only for what is safe to repeat.",
    ),
  priority: z
    .number()
    .optional()
    .describe("Higher starts first among tasks that wait for a limit."),
  when: z
    .union([text, z.boolean()], { error: "must be one reference, true or false" })
    .optional()
    .describe("A reference to true or false: whether it runs at all."),
  always: z.boolean().optional().describe("Runs whatever happened: for teardown."),
  expect: duration
    .optional()
    .describe("How long it is expected to run, for predictions and the order of starts."),
};

const httpRequest = z.strictObject({
  url: text,
  method: text.optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.string().optional(),
  json: value.optional(),
});

const kinds = {
  command: {
    command: z.union([text, z.tuple([text], scalar.transform(String))], {
      error: "must be a text for the shell, or a list of a program and its arguments",
    }),
    cwd: text.optional().describe("Where it runs, relative to the plan."),
    env: z.record(z.string(), scalar).optional().describe("Environment variables."),
    stdin: z.string().optional().describe("What it reads. Closed by default."),
  },
  read: { read: texts.describe("Paths and globs of files.") },
  search: {
    search: text.describe("A regular expression."),
    in: texts.optional().describe("Folders to look in. The folder of the plan by default."),
    files: texts.optional().describe("Globs of the file names to look at."),
    ignoreCase: z.boolean().optional(),
    literal: z.boolean().optional().describe("The text itself, not a regular expression."),
  },
  write: {
    write: text.describe("The file, replaced as a whole."),
    content: value.describe("A text, or a value that is written as JSON."),
  },
  http: {
    http: z.union([text, httpRequest], {
      error: "must be an address, or { url, method, headers, body, json }",
    }),
  },
  module: {
    module: text.describe("An exported function: ./file.js#name."),
    with: value.optional().describe("What it is called with."),
  },
  ...modelKinds,
} as const;

/** The shape of a task of a kind. */
type TaskSchema = z.ZodType & { readonly shape: Readonly<Record<string, z.ZodType>> };

/** The names of the kinds that an item of `each` may have, and `each` itself. */
export const KINDS: readonly KindName[] = [...(Object.keys(kinds) as KindName[]), "each"];

const singleSchemas = Object.fromEntries(
  Object.entries(kinds).map(([kind, fields]) => [
    kind,
    z.strictObject({ ...fields, ...declarations }),
  ]),
) as unknown as { [K in keyof typeof kinds]: TaskSchema }; // One for each kind.

/** The shape of a task of each kind. An `each` is checked without its item, which is checked as the task that it is. */
export const taskSchemas: Readonly<Record<KindName, TaskSchema>> = {
  ...singleSchemas,
  each: z.strictObject({
    each: z.union([text, z.array(value)], { error: "must be a reference to a list, or a list" }),
    do: z.record(z.string(), z.unknown(), { error: "must be a task" }),
    ...declarations,
  }),
};

/** The kinds that a body may be meant to be of, by its fields: a field of one kind may be called like another kind, as `write` of an agent. */
export function kindsIn(body: object): readonly KindName[] {
  const named = KINDS.filter((kind) => Object.hasOwn(body, kind));
  const isFieldOf = (kind: KindName, other: KindName): boolean =>
    other !== kind && Object.hasOwn(taskSchemas[other].shape, kind);
  return named.filter((kind) => !named.some((other) => isFieldOf(kind, other)));
}

/** Those fields of a task that are right by themselves; without a kind, those that any kind has. */
export function rightFields(kind: KindName | undefined, body: object): Partial<Declarations> {
  const shape: Readonly<Record<string, z.ZodType>> =
    kind === undefined ? declarations : taskSchemas[kind].shape;
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) => {
      const parsed = Object.hasOwn(shape, name) ? shape[name]?.safeParse(value) : undefined;
      return parsed?.success === true ? [[name, parsed.data]] : [];
    }),
  );
}

/** The names of the fields that a task of this kind may have. */
export function fieldsOf(kind: KindName): readonly string[] {
  const own = kind === "each" ? ["each", "do"] : Object.keys(kinds[kind]);
  return [...own, ...Object.keys(declarations)];
}

const combinations = [
  z.strictObject({
    first: count.describe("So many results are enough: the rest is cancelled."),
  }),
  z.strictObject({
    vote: rule.describe("The results vote; what is not needed any more is cancelled."),
  }),
  z.strictObject({
    synthesize: z
      .union([text, synthesisEntry.required({ task: true })], {
        error: "must be a question, or { task, using, conflict }",
      })
      .describe("The results are made one answer, as the task synthesis."),
  }),
] as const;

/** The names of the fields of the mappings inside plans and tasks, by the field that holds them. */
export const innerFields: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    ...modelInnerFields,
    after: afterEntry,
    retry: retryEntry,
    http: httpRequest,
    models: modelEntry,
  }).map(([field, { shape }]) => [field, Object.keys(shape)]),
);

/** What a plan says besides its tasks. */
const planFields = {
  $schema: z.string().optional(),
  name: text.optional().describe("What reports call the plan. The name of the file by default."),
  inputs: z
    .record(name, value)
    .optional()
    .describe(
      "Values that tasks refer to as inputs.<name>, with their defaults. Changed with --set.",
    ),
  failure: z.enum(["stop", "continue"]).optional().describe("What a failure does to the others."),
  combine: z
    .union([z.enum(["all", "best-effort"]), ...combinations], {
      error:
        "must be all, best-effort, { first: <number> }, { vote: <rule> } or { synthesize: <question> }",
    })
    .optional()
    .describe("When the plan has reached its goal."),
  limit: count.optional().describe("How many tasks run at once, over all kinds."),
  limits: z
    .record(name, count)
    .optional()
    .describe("How many run at once: of a kind, or of the tasks that name the limit."),
  models: z
    .record(name, modelDefinition)
    .optional()
    .describe("Models by the names that tasks use."),
  using: using.optional().describe("The model of tasks that name none. Changed with --model."),
  budget: usd
    .optional()
    .describe("What all calls of models may cost, in US dollars. Changed with --budget."),
};

/** The shape of a plan with its tasks left open: they are checked one by one, so that messages speak of one kind alone. */
export const planSchema = z.strictObject({
  ...planFields,
  tasks: z.record(z.string(), z.unknown(), { error: "must list the tasks by name" }),
});

/** The JSON Schema of plan files, for editors. */
export function planJsonSchema(): Record<string, unknown> {
  const { after: _after, ...unordered } = declarations; // An item has the order of its list.
  const items = Object.values(kinds).map((fields) => z.strictObject({ ...fields, ...unordered }));
  const item = z.union(items).meta({ id: "item" });
  const each = z.strictObject({
    each: z.union([text, z.array(value)]).describe("A list, such as ${{ tasks.files.lines }}."),
    do: item.describe("The task for each item; it refers to ${{ item }} and ${{ index }}."),
    ...declarations,
  });
  const task = z.union([...Object.values(singleSchemas), each]);
  const tasks = z.record(name, task).meta({ minProperties: 1 });
  const plan = z.strictObject({ ...planFields, tasks });
  return {
    title: "Fanfold plan",
    description: "Tasks that run as parallel as is safe.",
    ...z.toJSONSchema(plan, { target: "draft-7", io: "input" }),
  };
}
