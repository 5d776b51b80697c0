import { describe, expect, test } from "vitest";
import { hostList } from "../../src/system/host-list.ts";

const has = (entry: string, url: string): boolean => hostList([entry]).has(new URL(url));

describe("hostList", () => {
  test.each([
    ["example.com", "https://example.com/a"],
    ["example.com", "http://EXAMPLE.com:80"],
    ["Example.COM.", "https://example.com./"],
    ["*.example.com", "https://a.b.example.com"],
    ["*", "https://anything"],
    ["*:8080", "http://anything:8080"],
    ["example.com:8080", "http://example.com:8080"],
    ["example.com:443", "https://example.com"],
    ["bücher.example", "https://xn--bcher-kva.example"],
    ["[::1]:3000", "http://[0:0:0:0:0:0:0:1]:3000"],
    ["127.0.0.1", "http://0x7f.1"],
  ])("%s has %s", (entry, url) => {
    expect(has(entry, url)).toBe(true);
  });

  test.each([
    ["example.com", "https://a.example.com"],
    ["example.com", "https://example.com.evil.com"],
    ["example.com", "https://notexample.com"],
    ["example.com", "https://example.com:8443"],
    ["example.com", "https://example.com@evil.com"],
    ["*.example.com", "https://example.com"],
    ["*.example.com", "https://evilexample.com"],
    ["*", "https://anything:8443"],
    ["example.com:443", "http://example.com"],
  ])("%s has not %s", (entry, url) => {
    expect(has(entry, url)).toBe(false);
  });

  test.each([
    "",
    "https://example.com",
    "example.com/path",
    "a b",
    "*.",
    "*example.com",
    "a.*.com",
    ":80",
    "user@example.com",
    "a:b",
  ])("%j is no host", (entry) => {
    expect(() => hostList([entry])).toThrow(/^Cannot allow a host as it must be written as/);
  });
});
