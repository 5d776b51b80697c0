import { appendFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { settle } from "../../src/index.ts";
import { EVENTS_FILE } from "../../src/recording/format.ts";
import { readRecording, readStart, RecordingError } from "../../src/recording/read-recording.ts";
import { Recorder } from "../../src/recording/recorder.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const START = {
  type: "run-started",
  runId: "r",
  sequence: 0,
  atMs: 0,
  formatVersion: 1,
  startedAt: "2026-01-02T03:04:05.006Z",
  origin: { command: "run", source: "/a.yaml", cwd: "/", fanfold: "1.2.3" },
};

/** A folder with these lines for a recording. */
function folderOf(...lines: readonly (string | object)[]): string {
  const folder = temporaryFolder();
  const texts = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
  writeFileSync(join(folder, EVENTS_FILE), texts.map((text) => `${text}\n`).join(""));
  return folder;
}

async function errorOf(folder: string): Promise<RecordingError> {
  const error: unknown = await readRecording(folder).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(RecordingError);
  return error as RecordingError; // As was just seen.
}

describe("readRecording", () => {
  test("leaves a torn last line out, wherever it was torn", async () => {
    const folder = temporaryFolder();
    const file = join(folder, EVENTS_FILE);
    const recorder = new Recorder({
      folder,
      runId: "r",
      origin: { command: "run", source: "/a.yaml", cwd: "/", fanfold: "1.2.3" },
      redact: (text) => text,
    });
    await settle({ "täsk 日本": () => "😀" }, { observe: recorder.record });
    await recorder.end();
    const { events } = await readRecording(folder);
    const content = readFileSync(file);
    const first = content.indexOf("\n") + 1;
    for (let length = content.length - 1; length >= first; length -= 1) {
      truncateSync(file, length);
      const left = content.subarray(0, length).toString("utf8").split("\n");
      // A line that lacks nothing but its end is whole.
      const isLastWhole = content[length] === 10;
      const { events: found, isWhole } = await readRecording(folder);
      expect(found).toEqual(events.slice(0, left.length - (isLastWhole ? 0 : 1)));
      expect(isWhole).toBe(found.length === events.length);
    }
  });

  test("says whether the run came to its end", async () => {
    const settled = { type: "run-settled", runId: "r", sequence: 1, atMs: 5, status: "completed" };
    expect(await readRecording(folderOf(START))).toEqual({
      start: START,
      events: [START],
      isWhole: false,
    });
    expect(await readRecording(folderOf(START, settled))).toMatchObject({ isWhole: true });
    expect(await readRecording(folderOf(START, settled, '{"type"'))).toMatchObject({
      isWhole: true,
      events: [START, settled],
    });
  });

  test("reads an event that is longer than what is read at once", async () => {
    const long = { type: "task-progressed", progress: "ß\u2028".repeat(100_000) };
    const { events } = await readRecording(folderOf(START, long, long));
    expect(events).toEqual([START, long, long]);
  });

  test.each(["{", "", "null", "[]", '"text"', '{"no":"type"}'])(
    "refuses a damaged line in the middle: %j",
    async (damaged) => {
      const event = { type: "task-waiting" };
      const folder = folderOf(START, event, damaged, event);
      const file = join(folder, EVENTS_FILE);
      expect(await errorOf(folder)).toMatchObject({
        code: "RECORDING_INVALID",
        message: `Cannot read the recording as line 3 is damaged: ${file}`,
      });
    },
  );

  test("refuses a newer version, whatever the rest looks like", async () => {
    const folder = folderOf({ ...START, formatVersion: 2 }, "a new kind", "of line");
    expect((await errorOf(folder)).message).toBe(
      "Cannot read the recording as its format is newer than version 1: 2; update fanfold",
    );
  });

  test.each([
    ["nothing", []],
    ["an empty line", [""]],
    ["another event", [{ type: "task-added" }, START]],
    ["a start without a version", [{ ...START, formatVersion: undefined }]],
    ["a torn first line", ['{"type":"run-star']],
    ["something else", ["# Notes", "of someone"]],
  ])("refuses what begins with %s", async (_what, lines) => {
    const folder = folderOf(...lines);
    expect((await errorOf(folder)).message).toBe(
      `Cannot read the recording as it does not begin with run-started: ${join(folder, EVENTS_FILE)}`,
    );
  });

  test("tells why a file cannot be read, with the cause", async () => {
    const missing = await errorOf(temporaryFolder());
    expect(missing.message).toContain("Cannot read the recording: ENOENT");
    expect(missing.cause).toMatchObject({ code: "ENOENT" });
    const folder = temporaryFolder();
    mkdirSync(join(folder, EVENTS_FILE));
    expect((await errorOf(folder)).cause).toMatchObject({ code: "EISDIR" });
  });
});

describe("readStart", () => {
  test("reads the first line alone, whatever comes after it", async () => {
    const folder = folderOf(START, "damage", "more of it");
    appendFileSync(join(folder, EVENTS_FILE), Buffer.alloc(200_000));
    expect(await readStart(folder)).toEqual(START);
  });

  test("is undefined where there is no recording that this version can read", async () => {
    const folders = [
      temporaryFolder(),
      folderOf(),
      folderOf("text"),
      folderOf({ type: "task-added" }),
      folderOf({ ...START, formatVersion: 2 }),
    ];
    expect(await Promise.all(folders.map(readStart))).toEqual(folders.map(() => undefined));
  });
});
