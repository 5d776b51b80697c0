// Batches that are called at the same time: what comes of them is what they give one after another, in the order in which they came.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { mcpService } from "../../src/mcp/service.ts";
import { answerOf } from "../support/mcp-client.ts";

const FILES = ["a", "b", "c"] as const;
type File = (typeof FILES)[number];

interface ProgramStep {
  readonly kind: "read" | "write" | "replace" | "copy" | "show";
  readonly file: File;
  readonly other: File;
  readonly text: string;
  /** How the path is spelt. */
  readonly spelling: string;
  /** For commands: whether they say what they touch. */
  readonly declares: boolean;
  /** The step before it that it comes after, counted back. */
  readonly after: number | undefined;
}

const step: fc.Arbitrary<ProgramStep> = fc.record({
  kind: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom<ProgramStep["kind"]>("read", "write", "replace") },
    { weight: 1, arbitrary: fc.constantFrom<ProgramStep["kind"]>("copy", "show") },
  ),
  file: fc.constantFrom(...FILES),
  other: fc.constantFrom(...FILES),
  text: fc.constantFrom("x", "y", "z", "w"),
  spelling: fc.constantFrom("", "./", "none/../"),
  declares: fc.boolean(),
  after: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
});

const program = fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), {
  minLength: 1,
  maxLength: 4,
});

/** A step as a model writes it. */
function written(each: ProgramStep, index: number): object {
  const { kind, file, other, text, spelling, declares, after } = each;
  const path = `${spelling}${file}`;
  const order = after === undefined || after > index ? {} : { after: [String(index + 1 - after)] };
  switch (kind) {
    case "read":
      return { read: path, ...order };
    case "write":
      return { write: path, content: text, ...order };
    case "replace":
      return { edit: path, old: text, new: "q", ...order };
    case "copy":
      // What two commands that declare nothing do to the same file of one batch is not ordered: this one always declares.
      return { run: ["cp", "-f", file, other], reads: [file], writes: [other], ...order };
    case "show":
      return { run: `cat ${file}`, ...(declares ? { reads: [file] } : {}), ...order };
  }
}

/** What comes of a batch alone. */
function runAlone(batch: readonly ProgramStep[], store: Map<File, string>): readonly string[] {
  const seen: string[] = [];
  batch.forEach(({ kind, file, other, text, after }, index) => {
    const before = after === undefined ? undefined : seen[index - after];
    const content = store.get(file) ?? "";
    if (before !== undefined && !before.startsWith("completed")) {
      seen.push("skipped");
    } else if (kind === "read" || kind === "show") {
      seen.push(`completed ${content}`);
    } else if (kind === "write") {
      store.set(file, text);
      seen.push("completed");
    } else if (kind === "replace") {
      seen.push(content === text ? "completed" : "failed");
      store.set(file, content === text ? "q" : content);
    } else {
      seen.push(file === other ? "failed" : "completed");
      store.set(other, content);
    }
  });
  return seen;
}

const seenIn = (steps: ReturnType<typeof answerOf>["data"]["steps"]): readonly string[] =>
  steps.map(({ kind, status, output }) => {
    const shows = kind === "read" || (kind === "run" && output !== "");
    const content = kind === "read" ? (/\t(.*)$/.exec(output)?.[1] ?? "") : output;
    return status === "completed" && shows ? `completed ${content}` : status;
  });

test("batches at once give what they give one after another", async () => {
  const root = await mkdtemp(join(tmpdir(), "fanfold-batches-"));
  const service = mcpService({ roots: [root], version: "0" });
  const tool = service.tools.find(({ name }) => name === "parallel_run")!;
  const { signal } = new AbortController();
  await fc.assert(
    fc.asyncProperty(program, async (batches) => {
      await Promise.all(FILES.map(async (file) => await writeFile(join(root, file), "w")));
      const answers = await Promise.all(
        batches.map(
          async (batch) => await service.call(tool, { steps: batch.map(written) }, { signal }),
        ),
      );
      const seen = answers.map((answer) => seenIn(answerOf(answer).data.steps));
      const left = await Promise.all(
        FILES.map(async (file) => await readFile(join(root, file), "utf8")),
      );
      const store = new Map<File, string>(FILES.map((file) => [file, "w"]));
      expect(seen).toEqual(batches.map((batch) => runAlone(batch, store)));
      expect(left).toEqual(FILES.map((file) => store.get(file)));
    }),
    { numRuns: 120 },
  );
  await service.close("the test is over");
  await rm(root, { recursive: true });
}, 60_000);
