import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { limit, settle, type RunEvent } from "../../src/index.ts";
import { EVENTS_FILE, type RecordedEvent } from "../../src/recording/format.ts";
import { readRecording } from "../../src/recording/read-recording.ts";
import { Recorder } from "../../src/recording/recorder.ts";
import { createSecretFinder } from "../../src/recording/find-secrets.ts";
import { createRedact } from "../../src/recording/redact.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const SECRET = "hunter2-hunter2";

function recorderIn(folder: string): Recorder {
  return new Recorder({
    folder,
    runId: "20260102-030405006-abcdef",
    origin: { command: "exec", source: "/plans/a.yaml", cwd: "/plans", fanfold: "1.2.3" },
    redact: createRedact(createSecretFinder([{ MY_TOKEN: SECRET }])),
  });
}

/** Runs one task, records it, and returns what can be read afterwards. */
async function recorded(run: () => unknown): Promise<readonly RecordedEvent[]> {
  const folder = temporaryFolder();
  const recorder = recorderIn(folder);
  await settle({ task: { run } }, { observe: recorder.record });
  expect(await recorder.end()).toEqual({ problem: undefined });
  return (await readRecording(folder)).events;
}

/** The event in which the task settled. */
async function settledBy(run: () => unknown): Promise<Record<string, unknown>> {
  const event = (await recorded(run)).find(({ type }) => type === "task-settled");
  return event as unknown as Record<string, unknown>; // It settled, as the run has ended.
}

const throwing = (error: unknown) => (): never => {
  throw error;
};

describe("a recording", () => {
  test("reads back as the events that were observed, in order, under the id of the run", async () => {
    const folder = temporaryFolder();
    const recorder = recorderIn(folder);
    const observed: RunEvent[] = [];
    await settle(
      {
        a: () => ({ list: [1, null, "two"], nested: { deep: true } }),
        b: {
          after: ["a"],
          limit: limit({ name: "disk", concurrency: 1 }),
          writes: ["out"],
          run: (ctx) => ctx.progress("half"),
        },
        c: { after: ["b"], run: throwing("no route") },
        d: { after: ["c"], run: () => 1 },
      },
      {
        name: "example",
        observe: (event) => {
          observed.push(event);
          recorder.record(event);
        },
      },
    );
    expect(await recorder.end()).toEqual({ problem: undefined });

    const { start, events, isWhole } = await readRecording(folder);
    expect(isWhole).toBe(true);
    expect(start).toMatchObject({
      type: "run-started",
      name: "example",
      formatVersion: 1,
      runId: "20260102-030405006-abcdef",
      origin: { command: "exec", source: "/plans/a.yaml", cwd: "/plans", fanfold: "1.2.3" },
    });
    expect(new Date(start.startedAt).toISOString()).toBe(start.startedAt);
    const [, ...others] = observed.map((event) => ({ ...event, runId: start.runId }));
    expect(events).toEqual([start, ...others]);
  });

  test("is one line of JSON an event, readable by its owner alone", async () => {
    const folder = temporaryFolder();
    const recorder = recorderIn(folder);
    const value = "\n \r \u2028 \u2029 \u0085 \0 \uD800 ß😀";
    await settle([() => value], { observe: recorder.record });
    await recorder.end();
    const text = readFileSync(join(folder, EVENTS_FILE), "utf8");
    expect(text.endsWith("}\n")).toBe(true);
    const lines = text.slice(0, -1).split(/[\r\n]/);
    const settled = lines.map((line) => JSON.parse(line) as RecordedEvent).at(-2);
    expect(settled).toMatchObject({ type: "task-settled", value });
    expect(statSync(join(folder, EVENTS_FILE)).mode & 0o777).toBe(0o600);
  });

  test("returns any JSON as it was", async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const [text, settled] = [JSON.stringify(value), await settledBy(() => value)];
        expect(JSON.stringify(settled["value"])).toBe(text);
      }),
      { numRuns: 50 },
    );
  });
});

describe("a recorded value", () => {
  const circular: Record<string, unknown> = { name: "ring" };
  circular["self"] = circular;

  test.each<[string, unknown, unknown]>([
    ["a BigInt", { big: 12n }, { big: "12n" }],
    ["a Map", new Map([["a", new Set([1, 2])]]), [["a", [1, 2]]]],
    ["a Date", new Date(0), "1970-01-01T00:00:00.000Z"],
    ["a function", () => 1, "[function]"],
    [
      "a function within",
      { call: () => 1, list: [Symbol("x")] },
      { call: "[function]", list: ["[symbol]"] },
    ],
    ["NaN", [Number.NaN], [null]],
    ["a circular object", circular, expect.stringMatching(/^\[not JSON: .*circular/)],
    [
      "an object that cannot be read",
      {
        get broken() {
          throw new Error(`no ${SECRET}`);
        },
      },
      "[not JSON: no [redacted:MY_TOKEN]]",
    ],
  ])("that is %s is told in JSON or in words", async (_what, value, expected) => {
    expect((await settledBy(() => value))["value"]).toEqual(expected);
  });

  test("is absent when there is none, and null when it is null", async () => {
    expect(await settledBy(() => undefined)).not.toHaveProperty("value");
    expect(await settledBy(() => null)).toHaveProperty("value", null);
  });

  test("goes to a file of its own when it is longer than 64 KiB", async () => {
    const folder = temporaryFolder();
    const recorder = recorderIn(folder);
    const long = { text: "ß".repeat(40_000), secret: `${SECRET}!` };
    // With its quotes the last is as long as a line may hold.
    await settle(
      { short: () => "x".repeat(65_534), longer: () => "x".repeat(65_535), long: () => long },
      { observe: recorder.record },
    );
    expect(await recorder.end()).toEqual({ problem: undefined });
    const { events } = await readRecording(folder);
    const settled = events.filter(({ type }) => type === "task-settled");
    const [short, longer, longest] = settled as unknown as readonly Record<string, unknown>[];
    expect(short).toHaveProperty("value");
    expect(short).not.toHaveProperty("stored");
    expect(longer).not.toHaveProperty("value");
    expect(readdirSync(join(folder, "values"))).toHaveLength(2);
    const stored = longest?.["stored"] as { file: string; bytes: number; sha256: string };
    const content = readFileSync(join(folder, stored.file));
    expect(stored.bytes).toBe(content.length);
    expect(stored.sha256).toBe(createHash("sha256").update(content).digest("hex"));
    expect(JSON.parse(content.toString())).toEqual({
      text: long.text,
      secret: "[redacted]",
    });
    expect(statSync(join(folder, stored.file)).mode & 0o777).toBe(0o600);
  });

  test("has lost its secrets: by value in texts and names, and by the name of a field", async () => {
    const value = {
      text: `say ${SECRET}`,
      json: JSON.stringify({ text: SECRET }),
      [`key of ${SECRET}`]: [{ accessToken: "short" }],
      "x-api-key": "abc",
      tokens: 12,
    };
    expect((await settledBy(() => value))["value"]).toEqual({
      text: "say [redacted:MY_TOKEN]",
      json: '{"text":"[redacted:MY_TOKEN]"}',
      "key of [redacted:MY_TOKEN]": [{ accessToken: "[redacted]" }],
      "x-api-key": "[redacted]",
      tokens: 12,
    });
  });
});

describe("a recorded error", () => {
  test("has its name, message, code, stack and causes, without secrets", async () => {
    const first = Object.assign(new RangeError(`bad ${SECRET}`), { code: "ENOENT" });
    const error = new TypeError("outer", { cause: new Error("middle", { cause: first }) });
    const { error: found } = await settledBy(throwing(error));
    expect(found).toMatchObject({
      name: "TypeError",
      message: "outer",
      stack: error.stack,
      cause: {
        name: "Error",
        message: "middle",
        cause: { name: "RangeError", message: "bad [redacted:MY_TOKEN]", code: "ENOENT" },
      },
    });
    expect(JSON.stringify(found)).not.toContain(SECRET);
    expect(found).not.toHaveProperty("code");
  });

  test("ends with the fifth cause, also when it is its own cause", async () => {
    const error = new Error("ring");
    error.cause = error;
    const text = JSON.stringify((await settledBy(throwing(error)))["error"]);
    expect(text.split('"cause"')).toHaveLength(6);
  });

  test.each<[string, unknown, unknown]>([
    ["a text", `no ${SECRET}`, "no [redacted:MY_TOKEN]"],
    ["an object", { token: "abc", n: 1 }, '{"token":"[redacted]","n":1}'],
    ["a BigInt", 1n, '"1n"'],
  ])("has a cause that is no error in words: %s", async (_what, cause, expected) => {
    const { error } = await settledBy(throwing(new Error("outer", { cause })));
    expect(error).toMatchObject({ message: "outer", cause: expected });
  });

  test("that is no error is recorded as a value", async () => {
    expect((await settledBy(throwing({ reason: "x" })))["error"]).toEqual({ reason: "x" });
    expect((await settledBy(throwing("text")))["error"]).toBe("text");
  });

  test("that cannot be written does not take its event with it", async () => {
    const circular: Record<string, unknown> = {};
    circular["self"] = circular;
    const settled = await settledBy(throwing(circular));
    expect(settled).toMatchObject({
      type: "task-settled",
      status: "failed",
      error: expect.stringMatching(/^\[not JSON: /) as unknown,
    });
  });
});

/** The files in a folder that this process holds open, as far as the system tells. */
function openFilesIn(folder: string): readonly string[] {
  const descriptors = "/proc/self/fd";
  if (!existsSync(descriptors)) {
    return [];
  }
  return readdirSync(descriptors)
    .flatMap((name) => targetOf(join(descriptors, name)))
    .filter((path) => path.startsWith(folder));
}

/** None for a link that has gone meanwhile. */
function targetOf(link: string): readonly string[] {
  try {
    return [readlinkSync(link)];
  } catch {
    return [];
  }
}

describe("a recorder whose disk fails", () => {
  const run = async (recorder: Recorder, value: unknown = 1): Promise<void> => {
    const { a } = await settle(
      { a: () => value, b: { after: ["a"], run: () => 2 } },
      { observe: recorder.record },
    );
    expect(a.status).toBe("completed");
  };

  test("says that the folder is gone", async () => {
    const folder = temporaryFolder();
    rmSync(folder, { recursive: true });
    const recorder = recorderIn(folder);
    await run(recorder);
    expect((await recorder.end()).problem).toContain("ENOENT");
    // Nor later, nor twice.
    await run(recorder);
    expect((await recorder.end()).problem).toContain("ENOENT");
  });

  test("does not write into the recording of another run", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, EVENTS_FILE), "other\n");
    const recorder = recorderIn(folder);
    await run(recorder);
    expect((await recorder.end()).problem).toContain("EEXIST");
    expect(readFileSync(join(folder, EVENTS_FILE), "utf8")).toBe("other\n");
  });

  test("says that there is no folder for values, and ends what it has of the events", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "values"), "in the way");
    const recorder = recorderIn(folder);
    await run(recorder, "x".repeat(70_000));
    expect((await recorder.end()).problem).toContain("EEXIST");
    expect(openFilesIn(folder)).toEqual([]);
    const { isWhole, events } = await readRecording(folder);
    expect(isWhole).toBe(false);
    expect(events.at(-1)?.type).toBe("task-settled");
  });

  test.skipIf(process.platform !== "linux")("says that it is full", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "values"));
    symlinkSync("/dev/full", join(folder, "values/1.json"));
    const recorder = recorderIn(folder);
    await run(recorder, "x".repeat(70_000));
    expect((await recorder.end()).problem).toContain("ENOSPC");
  });

  test("counts the events that it could not keep up with", async () => {
    const folder = temporaryFolder();
    const recorder = recorderIn(folder);
    // All at once: the disk has no turn in between.
    const event = { runId: "", sequence: 0, atMs: 0, type: "task-progressed", taskId: 1 } as const;
    for (let sequence = 0; sequence < 41; sequence += 1) {
      recorder.record({ ...event, sequence, progress: "x".repeat(1 << 20) });
    }
    const { problem } = await recorder.end();
    expect(problem).toMatch(/^the disk was too slow: \d+ events were dropped$/);
    const lines = readFileSync(join(folder, EVENTS_FILE), "utf8").split("\n").length - 1;
    expect(lines + Number(/\d+/.exec(problem ?? "")?.[0])).toBe(41);
  });

  test("counts large values as well, and has those that it kept on disk when it ends", async () => {
    const folder = temporaryFolder();
    const recorder = recorderIn(folder);
    const event = {
      runId: "",
      sequence: 0,
      atMs: 0,
      type: "task-settled",
      status: "completed",
      abandoned: false,
    } as const;
    for (let taskId = 1; taskId <= 41; taskId += 1) {
      recorder.record({ ...event, taskId, value: "x".repeat(1 << 20) });
    }
    const { problem = "" } = await recorder.end();
    const sizes = readdirSync(join(folder, "values")).map(
      (name) => statSync(join(folder, "values", name)).size,
    );
    expect(problem).toBe(`the disk was too slow: ${41 - sizes.length} events were dropped`);
    expect(new Set(sizes)).toEqual(new Set([(1 << 20) + 2]));
  });
});
