import { stat } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { errorCode, fileError } from "../../src/system/file-error.ts";

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as the system says it`), { code });
}

describe("fileError", () => {
  test("says what could not be done to which file, and why", async () => {
    const cause: unknown = await stat("/missing/file").catch((error: unknown) => error);
    const error = fileError("read a file", "x.txt", cause);
    expect(error.message).toBe("Cannot read a file as it does not exist: x.txt");
    expect(error).toMatchObject({ code: "ENOENT" });
    expect("cause" in error).toBe(false);
  });

  test.each([
    ["EACCES", "this user may not"],
    ["EISDIR", "it is a folder"],
    ["ENOSPC", "the disk is full"],
    ["ENOTDIR", "a folder on its way is a file"],
    ["EWEIRD", "EWEIRD: as the system says it"],
  ])("puts %s into words", (code, rule) => {
    expect(fileError("do it", "x", systemError(code)).message).toBe(`Cannot do it as ${rule}: x`);
  });

  test("keeps what the system said where there are no words for it", () => {
    const cause = systemError("EWEIRD");
    expect(fileError("do it", "x", cause).cause).toBe(cause);
  });

  test("repeats what is no error of the system, and has no code then", () => {
    const error = fileError("do it", "x", new Error("of a bad mood"));
    expect(error.message).toBe("Cannot do it as of a bad mood: x");
    expect("code" in error).toBe(false);
    expect(fileError("do it", "x", "a text").message).toBe("Cannot do it as a text: x");
  });
});

test("errorCode knows only texts, and only of errors", () => {
  expect(errorCode(systemError("EPERM"))).toBe("EPERM");
  const others = [new Error("x"), Object.assign(new Error("x"), { code: 5 }), { code: "x" }, null];
  expect(others.map(errorCode)).toEqual(others.map(() => undefined));
});
