import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isPublicAddress } from "../../src/system/public-address.ts";

const PUBLIC = [
  "8.8.8.8",
  "1.1.1.1",
  "172.15.0.1",
  "172.32.0.1",
  "223.255.255.255",
  "2606:4700:4700::1111",
  "2a00::1",
];

const NOT_PUBLIC = [
  "0.0.0.0",
  "10.255.255.255",
  "100.64.0.1",
  "127.0.0.1",
  "127.255.255.255",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.2.1",
  "192.168.0.1",
  "198.19.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::7f00:1",
  "fc00::1",
  "fdff::1",
  "fe80::1",
  "fe80::1%eth0",
  "fec0::1",
  "ff02::1",
  "64:ff9b:1::1",
  "100::1",
  "2001::1",
  "2001:db8::1",
  "2002:7f00:1::1",
  "3fff::1",
  "4000::1",
  "localhost",
  "127.1",
  "",
];

describe("isPublicAddress", () => {
  test.each(PUBLIC)("%s is public", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  test.each(NOT_PUBLIC)("%s is not public", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test("an address that carries one of IPv4 is what that is, however it is written", () => {
    fc.assert(
      fc.property(fc.constantFrom(...PUBLIC.slice(0, 5), ...NOT_PUBLIC.slice(0, 13)), (address) => {
        const groups = address.split(".").map(Number);
        const [a = 0, b = 0, c = 0, d = 0] = groups;
        const hex = `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
        for (const carrier of [
          `::ffff:${address}`,
          `::ffff:${hex}`,
          `0:0:0:0:0:ffff:${hex}`,
          `64:ff9b::${hex}`,
          `64:ff9b::${address}`,
        ]) {
          expect([carrier, isPublicAddress(carrier)]).toEqual([carrier, isPublicAddress(address)]);
        }
      }),
    );
  });
});
