import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TasksFailedError } from "../../src/index.ts";
import { condense, type ModelRequest, type SourceDocument } from "../../src/models/index.ts";
import { cut } from "../../src/models/document-parts.ts";
import { jsonSchemaOf } from "../../src/models/json-schema-of.ts";
import { scripted, virtualClock, type ScriptedAnswer } from "../../src/testing/index.ts";

/** How many tokens a request takes, by a tokenizer of our own. */
type Tokenizer = (request: ModelRequest) => number;

const textsOf = (request: ModelRequest): string[] => [
  request.instructions ?? "",
  ...(request.messages ?? []).map((message) => ("text" in message ? message.text : "")),
  request.prompt ?? "",
  request.schema === undefined ? "" : JSON.stringify(jsonSchemaOf(request.schema)),
];

/** Digits and marks cost one each: of lists of numbers it makes far more than is usual. */
const dense: Tokenizer = (request) => {
  const texts = textsOf(request);
  const letters = texts.join("").replaceAll(/[^a-z\s]/gi, "").length;
  return Math.ceil(letters / 4) + texts.join("").length - letters + texts.length * 3;
};

/** A third more than is usual for everything. */
const usual: Tokenizer = (request) => Math.ceil(textsOf(request).join("").length / 3);

/** Reads the names of documents out of a text: each document says its own. */
const namesIn = (text: string): string[] => [...new Set(text.match(/doc\d+/g) ?? [])];

interface Sloppiness {
  /** Every so many answers are garbage, but none to a second try. */
  readonly garbageEvery: number;
  /** These documents cannot be read. */
  readonly broken: ReadonlySet<string>;
}

/** Answers as told: finds the names in a document, and puts statements together by two. */
function reader({ garbageEvery, broken }: Sloppiness, contextTokens: number, tokensOf = usual) {
  const seen: { input: number; output: number }[] = [];
  const clock = virtualClock();
  let answers = 0;
  const model = scripted(
    (request): ScriptedAnswer => {
      const prompt = request.prompt ?? "";
      const input = tokensOf(request);
      seen.push({ input, output: request.maxOutputTokens ?? Infinity });
      answers += 1;
      const usage = { inputTokens: input, outputTokens: 10 };
      const firstMs = 1 + (input % 7);
      if (request.messages === undefined && answers % garbageEvery === 0) {
        return { text: "{", usage, firstMs };
      }
      // Asked again, it finds the question further up.
      const asked = [
        ...(request.messages ?? []).map((each) => ("text" in each ? each.text : "")),
        prompt,
      ];
      const question = asked.find((text) => text.startsWith("The task:")) ?? "";
      const statements = [...question.matchAll(/^(\d+): (".*")$/gm)].map(([, number, text]) => ({
        number: Number(number),
        text: JSON.parse(text ?? "") as string,
      }));
      if (statements.length > 0) {
        const groups = Array.from({ length: Math.ceil(statements.length / 8) }, (_none, index) =>
          statements.slice(index * 8, index * 8 + 8),
        );
        const fewer = groups.map((group) => ({
          text: namesIn(`${group[0]?.text} ${group.at(-1)?.text}`)
            .slice(0, 2)
            .join(" "),
          from: group.map(({ number }) => number),
        }));
        return { object: { statements: fewer }, usage, firstMs };
      }
      const names = namesIn(question);
      if (names.some((name) => broken.has(name))) return { failure: new Error("down"), firstMs };
      return { object: { statements: names }, usage, firstMs };
    },
    { clock },
  );
  const exceeding = () => seen.filter(({ input, output }) => input + output > contextTokens);
  return { model, clock, exceeding };
}

const documentsOf = (sizes: readonly number[]): SourceDocument[] =>
  sizes.map((size, index) => ({
    id: `doc${index}`,
    text: `doc${index} ${"word and word. ".repeat(size)}`.trim(),
  }));

const sizes = fc.array(
  fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 900 })),
  {
    minLength: 1,
    maxLength: 40,
  },
);

describe("condense", () => {
  test("never exceeds the context window, loses no document on the way, and counts by itself", async () => {
    const scenario = fc.record({
      sizes,
      contextTokens: fc.integer({ min: 2500, max: 6000 }),
      garbageEvery: fc.constantFrom(3, 7, Infinity),
      broken: fc.array(fc.integer({ min: 0, max: 119 }), { maxLength: 4 }),
      limit: fc.integer({ min: 1, max: 5 }),
      exact: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        scenario,
        async ({ sizes, contextTokens, garbageEvery, limit, exact, ...rest }) => {
          const broken = new Set(rest.broken.map((index) => `doc${index}`));
          const documents = documentsOf(sizes);
          const alive = documents.filter(({ id }) => !broken.has(id));
          fc.pre(alive.length > 0);
          const { model, clock, exceeding } = reader(
            { garbageEvery, broken },
            contextTokens,
            exact ? dense : usual,
          );
          const result = await condense({
            model,
            documents,
            task: "Which documents are there?",
            contextTokens,
            maxOutputTokens: 300,
            limit,
            clock,
            repairs: 1,
            ...(exact ? { estimate: dense } : {}),
          });
          expect(exceeding()).toEqual([]);
          expect(model.mostInFlight).toBeLessThanOrEqual(limit);
          const found = result.statements.flatMap((statement) => statement.documents);
          expect(new Set(found)).toEqual(new Set(alive.map(({ id }) => id)));
          for (const { text, documents } of result.statements) {
            expect(documents).toEqual(expect.arrayContaining(namesIn(text)));
            expect(new Set(documents).size).toBe(documents.length);
          }
          expect(result.failed.map(({ key }) => key).toSorted()).toEqual(
            documents
              .filter(({ id }) => broken.has(id))
              .map(({ id }) => id)
              .toSorted(),
          );
          expect(result.documents).toBe(documents.length);
          expect(result.coverage).toBe(alive.length / documents.length);
          const characters = documents.reduce((sum, { text }) => sum + text.length, 0);
          const words = documents.reduce((sum, { text }) => sum + text.split(/\s+/).length, 0);
          expect(result.totals).toEqual({ words, characters });
        },
      ),
      { numRuns: 60 },
    );
  });

  test("takes as few calls as there can be where so many answers fit into one request, whatever ends first", async () => {
    const scenario = fc.record({
      documents: fc.integer({ min: 1, max: 90 }),
      fitting: fc.integer({ min: 3, max: 30 }),
      limit: fc.integer({ min: 1, max: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ documents, fitting, limit }) => {
        const statementsIn = ({ prompt = "" }: ModelRequest) => prompt.match(/^\d+: "/gm) ?? [];
        const model = scripted(
          (request): ScriptedAnswer => {
            const from = statementsIn(request).map(Number.parseFloat);
            expect(from.length).toBeLessThanOrEqual(fitting);
            const firstMs = 1 + (model.requests.length % 7);
            return from.length === 0
              ? { object: { statements: ["one"] }, firstMs }
              : { object: { statements: [{ text: "all", from }] }, firstMs };
          },
          { clock: virtualClock() },
        );
        const { statements, spent } = await condense({
          model,
          documents: Array.from({ length: documents }, (_none, index) => `${index}`),
          task: "t",
          estimate: (request) => statementsIn(request).length * 1000 + 1,
          contextTokens: fitting * 1000 + 1 + 100,
          maxOutputTokens: 100,
          repairs: 0,
          limit,
        });
        // Each call that condenses makes one answer of `fitting` at the most.
        expect(spent.calls).toBe(documents + Math.ceil((documents - 1) / (fitting - 1)));
        expect(statements.map((each) => each.documents)).toEqual([
          Array.from({ length: documents }, (_none, index) => `${index}`),
        ]);
      }),
      { numRuns: 50 },
    );
  });

  test("learns from usage that a model counts more than is usual, and cuts what comes after that smaller", async () => {
    const twice: Tokenizer = (request) => Math.ceil(textsOf(request).join("").length / 2);
    const { model, clock, exceeding } = reader(
      { garbageEvery: Infinity, broken: new Set() },
      4000,
      twice,
    );
    const { documents, coverage } = await condense({
      model,
      documents: documentsOf([1, 1, 1, 1, 900, 900]),
      task: "t",
      contextTokens: 4000,
      maxOutputTokens: 300,
      repairs: 0,
      limit: 1,
      clock,
    });
    expect([documents, coverage]).toEqual([6, 1]);
    expect(exceeding()).toEqual([]);
  });

  test("is one answer in the end, in the order of the documents", async () => {
    const { model, clock } = reader({ garbageEvery: Infinity, broken: new Set() }, 4000);
    const documents = documentsOf([1, 1, 1, 1]);
    const { statements, spent } = await condense({
      model,
      documents,
      task: "t",
      contextTokens: 4000,
      clock,
    });
    expect(statements).toEqual([
      { text: "doc0 doc3", documents: ["doc0", "doc1", "doc2", "doc3"] },
    ]);
    expect(spent.calls).toBe(5);
  });

  test("pulls documents as there is room, and holds few of them", async () => {
    const { model, clock } = reader({ garbageEvery: Infinity, broken: new Set() }, 4000);
    let [pulled, most] = [0, 0];
    async function* endless() {
      for (; pulled < 500;) {
        yield `doc${pulled}`;
        pulled += 1;
        most = Math.max(most, pulled - model.requests.length);
      }
    }
    const { documents, spent } = await condense({
      model,
      documents: endless,
      task: "t",
      contextTokens: 2500,
      clock,
      limit: 4,
    });
    expect(documents).toBe(500);
    expect(spent.calls).toBeGreaterThan(502); // The tree has some height.
    expect(most).toBeLessThanOrEqual(10);
  });

  test("tells a model of statements that are not there, and stops where that is asked for", async () => {
    const model = scripted([
      { object: { statements: ["a"] } },
      { object: { statements: ["b"] } },
      { object: { statements: [{ text: "ab", from: [1, 3] }] } },
      { object: { statements: [{ text: "ab", from: [1, 2] }] } },
    ]);
    const options = { task: "t", contextTokens: 8000, documents: ["x", "y"] };
    const { statements } = await condense({ ...options, model });
    expect(statements).toEqual([{ text: "ab", documents: ["0", "1"] }]);
    expect(model.requests.at(-1)?.prompt).toContain("there is no statement number 3");
    const down = scripted(({ prompt = "" }) =>
      prompt.includes("y") ? { failure: new Error("down") } : { object: { statements: [] } },
    );
    await expect(condense({ ...options, model: down, failure: "stop" })).rejects.toThrow("down");
    const none = scripted(() => ({ failure: new Error("down") }));
    await expect(condense({ ...options, model: none })).rejects.toThrow(TasksFailedError);
  });

  test("refuses a window that is too small, and an empty source", async () => {
    const model = scripted([]);
    const options = { model, task: "t", documents: [] };
    expect(() => condense({ ...options, contextTokens: 600 })).toThrow(RangeError);
    await expect(condense({ ...options, contextTokens: 8000 })).rejects.toThrow(
      new TypeError("Cannot condense as there are no documents"),
    );
  });
});

describe("cut", () => {
  test("gives parts that fit and are the text again, whole characters each", () => {
    const text = fc
      .array(fc.constantFrom("word", " ", ". ", "\n", "\n\n", "😀", "long".repeat(9)), {
        maxLength: 80,
      })
      .map((list) => list.join(""));
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 50 }), (text, most) => {
        const parts = [...cut(text, (each) => each.length <= most)];
        expect(parts.join("")).toBe(text);
        for (const part of parts) {
          expect(part.length).toBeLessThanOrEqual(most);
          expect(() => encodeURIComponent(part)).not.toThrow(); // It does for half a character.
        }
        expect(parts.length).toBeLessThanOrEqual(Math.ceil(text.length / (most / 2 - 1 || 1)) + 1);
      }),
    );
  });
});
