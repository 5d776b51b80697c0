import { describe, expect, test } from "vitest";
import {
  addHost,
  addLimit,
  addSetting,
  dollars,
  folderName,
  names,
  wholeNumber,
} from "../../src/cli/options.ts";

describe("options", () => {
  test("--limit is one number over all, and one for each name; the last counts", () => {
    const limits = ["4", "command=2", "http=9", "command=3"].reduce(
      (before, text) => addLimit(text, before),
      addLimit("8"),
    );
    expect(limits).toEqual({ all: 4, byName: { command: 3, http: 9 } });
  });

  test.each(["0", "-1", "1.5", "1e3", "", "command=", "command=x"])(
    "--limit refuses %j",
    (text) => {
      expect(() => addLimit(text)).toThrow(/must be an integer/);
    },
  );

  test("numbers that are too small are told where they may begin", () => {
    expect(() => addLimit("-1")).toThrow(/must be an integer from 1\./);
    expect(() => wholeNumber("-1")).toThrow(/must be an integer from 0\./);
  });

  test("--out is no empty text, which would be the current folder", () => {
    expect(folderName("runs/last")).toBe("runs/last");
    expect(() => folderName("")).toThrow(/name of a folder/);
  });

  test("--allow-host takes names, wildcards and ports, and no addresses of pages", () => {
    expect(addHost("*.b.org:81", addHost("a.org"))).toEqual(["a.org", "*.b.org:81"]);
    expect(() => addHost("https://a.org/")).toThrow(/must be written as "example.com"/);
  });

  test("--set takes everything after the first equals sign", () => {
    expect(addSetting("b=x=y", addSetting("a="))).toEqual({ a: "", b: "x=y" });
    expect(() => addSetting("=x")).toThrow(/name=value/);
  });

  test("--only takes names with commas between them", () => {
    expect(names("a, b")).toEqual(["a", "b"]);
    expect(() => names("a,,b")).toThrow(/commas/);
  });

  test("--budget is a number above 0", () => {
    expect(["2", "0.50", ".5"].map(dollars)).toEqual([2, 0.5, 0.5]);
    for (const text of ["0", "0.0", "-1", "1e3", "$1", "1.", ""]) {
      expect(() => dollars(text)).toThrow(/above 0/);
    }
  });
});
