/** Which hosts may be asked. */

/** The hosts. */
export interface HostList {
  /** As they were written. */
  readonly entries: readonly string[];
  /** Whether the host of a URL is among them, with its port. */
  has(url: URL): boolean;
}

/** A name or an address, perhaps with `*.` in front, and a port. */
const ENTRY =
  /^(?<any>\*$|\*(?=:\d)|\*\.)?(?<host>\[[0-9A-Fa-f:.]+\]|[^\s*/?#@:[\]]*)(?::(?<port>\d{1,5}))?$/;

/**
 * Reads a list of hosts: `example.com`, `*.example.com` for every name below it, `*` for all, each with a port where it is not the usual
 * one of http or https.
 *
 * @throws TypeError - when an entry is none of these
 */
export function hostList(entries: readonly string[]): HostList {
  const rules = entries.map(ruleOf);
  return { entries, has: (url) => rules.some((rule) => rule(url)) };
}

function ruleOf(entry: string): (url: URL) => boolean {
  const { any, host = "", port } = ENTRY.exec(entry)?.groups ?? {};
  if ((host === "") !== (any === "*")) {
    throw invalid(entry);
  }
  const name = host === "" ? "" : canonical(entry, host);
  return (url) => {
    const hostname = withoutDot(url.hostname);
    const isNamed =
      any === "*" || (any === "*." ? hostname.endsWith(`.${name}`) : hostname === name);
    // A URL does not say the usual port of its scheme.
    return isNamed && (port === undefined ? url.port === "" : portOf(url) === Number(port));
  };
}

/** As URLs write it: small letters, punycode, addresses in their usual form. */
function canonical(entry: string, host: string): string {
  if (!URL.canParse(`http://${host}`)) {
    throw invalid(entry);
  }
  return withoutDot(new URL(`http://${host}`).hostname);
}

/** A dot at the end says that a name is complete; it is the same name. */
function withoutDot(hostname: string): string {
  return hostname.replace(/\.$/, "");
}

function portOf({ port, protocol }: URL): number {
  return port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
}

function invalid(entry: string): TypeError {
  return new TypeError(
    `Cannot allow a host as it must be written as "example.com", "*.example.com" or "*", perhaps with a port: ${JSON.stringify(entry)}`,
  );
}
