/** The shapes of what a plan says of models: the kinds of tasks that ask them, the models that it defines, and rules of votes. */
import { z } from "zod";
import { count, name, text, value } from "./schema-parts.ts";

const COST_RULE = "must be a number above 0, in US dollars";
const WEIGHT_RULE = "must be a number above 0";

/** An amount of money. */
export const usd = z.number(COST_RULE).positive(COST_RULE);

/** Who is asked. */
export const using = text.describe("The model: a name under models, or provider/model.");

const temperature = z.number("must be a number from 0").min(0, "must be a number from 0");
const weight = z.number(WEIGHT_RULE).positive(WEIGHT_RULE);

const asking = {
  using: using.optional(),
  maxOutputTokens: count.optional().describe("The longest answer, in tokens."),
};

const answerSchema = z
  .record(z.string(), value, { error: "must be a JSON Schema" })
  .describe("The shape of the answer, as JSON Schema.");

const conflict = z
  .union(
    [
      z.enum(["majority", "newest", "most-confident", "report-both"]),
      z.strictObject({ prefer: z.array(text).min(1, "must not be empty") }),
    ],
    { error: "must be majority, newest, most-confident, report-both or { prefer: [<names>] }" },
  )
  .describe("Who is believed where results contradict each other. report-both by default.");

/** How results are made one answer, where that is a part of something else. */
export const synthesisEntry = z.strictObject({
  task: text.optional().describe("The question, or what to write."),
  using: using.optional(),
  conflict: conflict.optional(),
});

const WINDOW_RULE = "must be a whole number from 2";
const BETA_RULE = "must be a number above 0.5 and below 1";

/** When a vote is over. */
export const rule = z
  .union(
    [
      z.enum(["majority", "unanimous"]),
      z.strictObject({ threshold: weight }),
      z.strictObject({ lead: weight }),
      z.strictObject({ window: z.int(WINDOW_RULE).min(2, WINDOW_RULE) }),
      z.strictObject({ beta: z.number(BETA_RULE).gt(0.5, BETA_RULE).lt(1, BETA_RULE) }),
      z.strictObject({ thresholds: z.record(z.string(), weight) }),
    ],
    {
      error:
        "must be majority, unanimous, { threshold: 2 }, { lead: 2 }, { window: 3 }, { beta: 0.95 } or { thresholds: { <answer>: 2 } }",
    },
  )
  .describe("When the vote is over, and who has won. majority by default.");

const sectionEntry = z.strictObject({
  name: text,
  about: text.optional().describe("What it is to say."),
  using: using.optional(),
});

const aspectEntry = z.strictObject({
  name: text,
  about: text.describe("What to look for."),
  using: using.optional(),
});

const input = value.describe("What it is about: a text, or a value that is told as JSON.");

/** The fields of each kind. */
export const modelKinds = {
  model: {
    model: text.describe("The prompt."),
    instructions: text.optional().describe("What holds beside the prompt."),
    schema: answerSchema.optional(),
    temperature: temperature.optional(),
    ...asking,
  },
  sections: {
    sections: z
      .array(z.union([text, sectionEntry], { error: "must be a name, or { name, about, using }" }))
      .min(1, "must not be empty")
      .describe("The sections of the document, in order: written at once."),
    topic: text.describe("What the document is about."),
    input: input.optional(),
    synthesize: z
      .union([z.boolean(), synthesisEntry], {
        error: "must be true, false or { task, using, conflict }",
      })
      .optional()
      .describe("How the sections are made one answer. true by default."),
    ...asking,
  },
  consensus: {
    consensus: text.describe("The question."),
    input: input.optional(),
    answer: z
      .union(
        [
          z.enum(["text", "number", "boolean"]),
          z.array(text).min(2, "must be two answers at the least"),
        ],
        { error: "must be text, number, boolean, or a list of answers to choose from" },
      )
      .optional()
      .describe("The kind of the answer, or all answers to choose from. text by default."),
    of: count.optional().describe("How many may be asked altogether."),
    rule: rule.optional(),
    weighted: z.boolean().optional().describe("Whether a vote counts as much as its confidence."),
    perspectives: z
      .array(text)
      .min(1, "must not be empty")
      .optional()
      .describe("What the voters look at, by turns."),
    using: z
      .union([using, z.array(using).min(1, "must not be empty")], {
        error: "must be the name of a model or a list of them",
      })
      .optional()
      .describe("The model, or several that vote by turns."),
    temperature: temperature.optional(),
  },
  aspects: {
    aspects: z
      .array(
        z.union([z.enum(["correctness", "performance", "security", "style"]), aspectEntry], {
          error: "must be correctness, performance, security, style or { name, about, using }",
        }),
      )
      .min(1, "must not be empty")
      .describe("What one text is reviewed for: at once."),
    input,
    ...asking,
  },
  condense: {
    condense: z
      .union([text, z.array(value)], { error: "must be a reference to a list, or a list" })
      .describe("The documents: texts, or mappings with a text and an id or a path."),
    task: text.describe("What is wanted of them."),
    contextTokens: count.optional().describe("The context window of the model, in tokens."),
    ...asking,
  },
  synthesize: {
    synthesize: text.describe("The question, or what to write."),
    from: z
      .array(name)
      .min(1, "must not be empty")
      .describe("The tasks whose results it is made from, and whose failures it is told."),
    conflict: conflict.optional(),
    ...asking,
  },
  agent: {
    agent: text.describe("What it is to do, or to answer."),
    instructions: text.optional().describe("What holds for the whole conversation."),
    root: text.optional().describe("The folder that its tools work in, relative to the plan."),
    write: z.boolean().optional().describe("Whether it may change files and run commands."),
    maxSteps: count.optional().describe("How many responses there may be."),
    schema: answerSchema.optional(),
    ...asking,
  },
} as const;

/** The mappings inside those fields, by the field that holds them. */
export const modelInnerFields = {
  sections: sectionEntry,
  aspects: aspectEntry,
  synthesize: synthesisEntry,
  conflict: z.strictObject({ prefer: z.unknown() }),
} as const;

/** A model that is more than a name. */
export const modelEntry = z.strictObject({
  model: text.describe("provider/model; with a baseUrl what that service calls it."),
  baseUrl: text
    .regex(
      /^https?:\/\/[^\s@?#]+$/,
      "must be an address such as http://localhost:11434/v1, without user, password or query",
    )
    .optional()
    .describe("A service that speaks like OpenAI."),
  keyFrom: text
    .regex(/^[A-Za-z_]\w*$/, "must be the name of an environment variable, never a key itself")
    .optional()
    .describe("The environment variable that holds the key."),
  concurrency: count.optional().describe("How many calls run at once."),
  requestsPerMinute: count.optional().describe("How many calls start in any minute."),
  tokensPerMinute: count.optional().describe("How many tokens calls take in any minute."),
  budget: usd.optional().describe("What its calls may cost, in US dollars."),
  contextTokens: count.optional().describe("The context window, in tokens."),
  attempts: count
    .optional()
    .describe(
      "How often a request that fails in passing is made, the first included. 3 by default.",
    ),
});

/** A model that a plan defines. */
export const modelDefinition = z.union([text, modelEntry], {
  error: "must be provider/model, or { model, baseUrl, keyFrom, … }",
});
