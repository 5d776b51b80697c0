/** Which addresses of the internet protocol lead to the public internet. */
import { BlockList, isIPv4, isIPv6 } from "node:net";

/** What is not globally reachable: IANA IPv4 Special-Purpose Address Registry (RFC 6890 and later), multicast and reserved. */
const SPECIAL_V4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];

/** Of the addresses that are given out, 2000::/3: protocol assignments with Teredo, documentation, and 6to4, which carries any IPv4 address. */
const SPECIAL_V6: readonly (readonly [string, number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

/** The prefixes that carry an IPv4 address in their last 32 bits: mapped ones (RFC 4291), and those of NAT64 (RFC 6052). */
const CARRIES_V4: readonly (readonly [string, number])[] = [
  ["::ffff:0:0", 96],
  ["64:ff9b::", 96],
];

const specialV4 = blockList(SPECIAL_V4, "ipv4");
const specialV6 = blockList(SPECIAL_V6, "ipv6");
const carriesV4 = blockList(CARRIES_V4, "ipv6");
const givenOutV6 = blockList([["2000::", 3]], "ipv6");

/**
 * Whether an address is one of the public internet. Those of this machine, of private networks and of links are not, nor is what is
 * reserved or no address at all.
 */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) {
    return !specialV4.check(address, "ipv4");
  }
  // An address with a zone belongs to a link.
  if (!isIPv6(address) || address.includes("%")) {
    return false;
  }
  if (carriesV4.check(address, "ipv6")) {
    return isPublicAddress(carriedV4(address));
  }
  return givenOutV6.check(address, "ipv6") && !specialV6.check(address, "ipv6");
}

/** The last 32 bits, as an IPv4 address. */
function carriedV4(address: string): string {
  // URLs write addresses in hexadecimal groups, whatever form they were given in.
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1).split(":").slice(-2);
  return groups
    .map((group) => Number.parseInt(group === "" ? "0" : group, 16))
    .flatMap((value) => [value >> 8, value & 0xff])
    .join(".");
}

function blockList(
  subnets: readonly (readonly [string, number])[],
  family: "ipv4" | "ipv6",
): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of subnets) {
    list.addSubnet(network, prefix, family);
  }
  return list;
}
