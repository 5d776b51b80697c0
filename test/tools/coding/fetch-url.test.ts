import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { guardedRequest, type GuardedRequestOptions } from "../../../src/system/guarded-request.ts";
import type { FetchUrlOutput } from "../../../src/tools/coding/fetch-url.ts";
import { call, type Called } from "./work-folder.ts";

const servers: Server[] = [];

afterEach(() => {
  servers.splice(0).forEach((server) => {
    server.closeAllConnections();
    server.close();
  });
});

/** A server on an address of this machine; resolves to its port. */
async function serve(answer: RequestListener, address = "127.0.0.1", port = 0): Promise<number> {
  const server = createServer(answer);
  servers.push(server);
  server.listen(port, address);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function fetchUrl(
  url: string,
  {
    from,
    ...options
  }: {
    readonly from?: number;
    readonly allowedHosts?: readonly string[];
    readonly privateHosts?: readonly string[];
    readonly maxResultBytes?: number;
    readonly signal?: AbortSignal;
  } = {},
): Promise<Called<FetchUrlOutput>> {
  const input = { url, ...(from === undefined ? {} : { from }) };
  return await call<FetchUrlOutput>("fetch_url", input, { root: ".", ...options });
}

/** As the tool asks, but with names and rules of the test. */
async function ask(url: string, options: Partial<GuardedRequestOptions>): Promise<string> {
  const { body } = await guardedRequest({
    url,
    checkUrl: () => undefined,
    allowsAddress: () => true,
    signal: new AbortController().signal,
    timeoutMs: 20_000,
    limitBytes: 1000,
    ...options,
  });
  return body.toString();
}

describe("fetch_url", () => {
  test("asks nobody who was not allowed, and says who may change that", async () => {
    await expect(fetchUrl("https://example.com/a")).rejects.toThrow(
      'Cannot ask example.com as this host is not allowed; none is. Whoever runs this assistant can add it to "allowedHosts"',
    );
    const allowedHosts = ["example.com", "*.docs.rs"];
    await expect(fetchUrl("https://evil.com", { allowedHosts })).rejects.toThrow(
      "not allowed; only these are: example.com, *.docs.rs.",
    );
    await expect(fetchUrl("https://example.com:444", { allowedHosts })).rejects.toThrow(
      "not allowed",
    );
    await expect(fetchUrl("http://user:pass@example.com", { allowedHosts })).rejects.toThrow(
      "user or password",
    );
    for (const url of [
      "file:///etc/passwd",
      "ftp://example.com",
      "data:,x",
      "gopher://example.com",
    ]) {
      await expect(fetchUrl(url, { allowedHosts: ["*"] })).rejects.toThrow(
        "neither http nor https",
      );
    }
    await expect(fetchUrl("example", { allowedHosts: ["*"] })).rejects.toThrow("cannot be read");
  });

  test.each([
    "http://127.0.0.1",
    "http://localhost",
    "http://2130706433",
    "http://0x7f.1",
    "http://[::1]",
    "http://[::ffff:127.0.0.1]",
    "http://169.254.169.254/latest/meta-data",
    "http://10.0.0.1",
    "http://0.0.0.0",
  ])("does not connect to %s, though every host is allowed", async (url) => {
    await expect(fetchUrl(url, { allowedHosts: ["*"] })).rejects.toThrow(
      /^Cannot connect to .* as it has no address that is allowed: .*add the host to "privateHosts"$/,
    );
  });

  test("shows the status, the type and the text, of any status", async () => {
    const port = await serve((request, response) => {
      response.writeHead(request.url === "/a" ? 200 : 404, {
        "content-type": "text/plain; charset=iso-8859-1",
      });
      response.end(Buffer.from("café", "latin1"));
    });
    const privateHosts = [`127.0.0.1:${port}`];
    const { text } = await fetchUrl(`http://127.0.0.1:${port}/a#part`, { privateHosts });
    expect(text).toBe(
      `HTTP 200 OK, text/plain; charset=iso-8859-1\nhttp://127.0.0.1:${port}/a#part\n\ncafé`,
    );
    expect((await fetchUrl(`http://127.0.0.1:${port}/b`, { privateHosts })).output.status).toBe(
      404,
    );
  });

  test("reads what is compressed, and no more than a bound of what it becomes", async () => {
    const encoders = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync };
    const port = await serve((request, response) => {
      const encoding = request.url?.slice(1) as keyof typeof encoders;
      response.setHeader("content-encoding", encoding);
      response.end(encoders[encoding]?.(Buffer.alloc(8 * 1024 * 1024, "x")) ?? "x");
    });
    for (const encoding of Object.keys(encoders)) {
      const { output } = await fetchUrl(`http://127.0.0.1:${port}/${encoding}`, {
        privateHosts: [`127.0.0.1:${port}`],
      });
      expect(output).toMatchObject({ bytes: 4 * 1024 * 1024, truncated: true });
    }
    await expect(ask(`http://127.0.0.1:${port}/zstd`, {})).rejects.toThrow(
      "compressed in a way that is not known here, zstd",
    );
  });

  test("shows a long text in parts, and nothing of what is no text", async () => {
    const long = Array.from({ length: 3000 }, (_, index) => `é${index}\n`).join("");
    const port = await serve((request, response) => {
      if (request.url === "/image") {
        response.setHeader("content-type", "image/png");
      }
      response.end(request.url === "/nul" ? "a\0b" : long);
    });
    const options = { privateHosts: [`127.0.0.1:${port}`], maxResultBytes: 5000 };
    let whole = "";
    for (let from: number | undefined = 0; from !== undefined;) {
      const { text } = await fetchUrl(`http://127.0.0.1:${port}/`, { ...options, from });
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(5000);
      const [, shown = "", next] =
        /\n\n([^]*?)(?:\n… cut here.*go on with from: (\d+))?$/.exec(text) ?? [];
      whole += shown;
      from = next === undefined ? undefined : Number(next);
    }
    expect(whole).toBe(long);
    for (const path of ["image", "nul"]) {
      const { text, output } = await fetchUrl(`http://127.0.0.1:${port}/${path}`, options);
      expect(text).toContain("(no text: ");
      expect(output.text).toBe(undefined);
    }
  });

  test("follows redirects to whom it may ask, and to nobody else", async () => {
    let other = 0;
    let asked = 0;
    const port = await serve((request, response) => {
      asked += request.url === "/end" ? 1 : 0;
      const target = decodeURIComponent(request.url?.slice(2) ?? "").replace(
        "OTHER",
        String(other),
      );
      response.writeHead(request.url === "/end" ? 200 : 302, { location: target });
      response.end("end");
    });
    other = await serve(() => expect.unreachable());
    const options = {
      privateHosts: [`127.0.0.1:${port}`],
      allowedHosts: [`127.0.0.1:${other}`, `localhost:${other}`],
    };
    const to = async (target: string): Promise<Called<FetchUrlOutput>> =>
      await fetchUrl(`http://127.0.0.1:${port}/?${encodeURIComponent(target)}`, options);
    expect((await to("/end")).output).toMatchObject({
      status: 200,
      text: "end",
      url: `http://127.0.0.1:${port}/end`,
    });
    // These are allowed by name, and have no public address.
    await expect(to("http://127.0.0.1:OTHER/")).rejects.toThrow(
      "no address that is allowed: 127.0.0.1",
    );
    await expect(to("//localhost:OTHER/")).rejects.toThrow("no address that is allowed");
    await expect(to("http://example.com/")).rejects.toThrow(
      "example.com as this host is not allowed",
    );
    await expect(to("file:///etc/passwd")).rejects.toThrow("neither http nor https");
    await expect(to("http://")).rejects.toThrow("cannot be read");
    await expect(to("/?/")).rejects.toThrow("redirects more than 5 times");
    expect(asked).toBe(1);
  });

  test("stops when it is cancelled, and connects to nobody when it was before", async () => {
    const stop = new AbortController();
    const port = await serve((_, response) => {
      response.write("begun");
      stop.abort(new Error("enough"));
    });
    const options = { privateHosts: ["*"], signal: stop.signal };
    await expect(fetchUrl(`http://127.0.0.1:${port}`, options)).rejects.toThrow();
    const asking = ask(`http://127.0.0.1:${port}`, {
      signal: stop.signal,
      lookup: expect.unreachable,
    });
    await expect(asking).rejects.toThrow("enough");
  });
});

describe("guardedRequest", () => {
  test("connects to the addresses that it has checked, though the name means others by then", async () => {
    const port = await serve((request, response) => response.end(request.headers.host));
    let lookups = 0;
    const lookup = async (): Promise<readonly { address: string; family: number }[]> => {
      lookups += 1;
      // The second answer would be that of a rebinding.
      return [{ address: lookups === 1 ? "127.0.0.1" : "127.0.0.2", family: 4 }];
    };
    expect(await ask(`http://public.example:${port}`, { lookup })).toBe(`public.example:${port}`);
    expect(lookups).toBe(1);
  });

  // Elsewhere this machine has only one of these addresses.
  test.runIf(process.platform === "linux")(
    "passes over addresses that are not allowed, and refuses where none is left",
    async () => {
      const port = await serve((_, response) => response.end("right"));
      await serve((_, response) => response.end("wrong"), "127.0.0.3", port);
      const lookup = async () => [
        { address: "127.0.0.3", family: 4 },
        { address: "127.0.0.1", family: 4 },
      ];
      const url = `http://public.example:${port}`;
      const allowsAddress = (_: URL, address: string): boolean => address === "127.0.0.1";
      expect(await ask(url, { lookup, allowsAddress })).toBe("right");
      await expect(ask(url, { lookup, allowsAddress: () => false })).rejects.toThrow(
        `Cannot connect to public.example:${port} as it has no address that is allowed: 127.0.0.3, 127.0.0.1`,
      );
    },
  );

  test.each([
    ["the name is looked up", { lookup: async () => await new Promise<never>(() => {}) }],
    ["nobody answers", {}],
  ])("ends in time while %s", async (_, options) => {
    const port = await serve(() => undefined);
    await expect(ask(`http://localhost:${port}`, { ...options, timeoutMs: 50 })).rejects.toThrow(
      `Cannot complete the request to localhost:${port} as it took longer than 50 ms`,
    );
  });

  test("reads no more of an answer without end than it is told to", async () => {
    const port = await serve((_, response) => {
      const go = (): void => {
        while (!response.destroyed && response.write("x".repeat(10_000)));
      };
      response.on("drain", go);
      go();
    });
    expect(await ask(`http://127.0.0.1:${port}`, { limitBytes: 25_001 })).toBe("x".repeat(25_001));
  });

  test("says what went wrong with whom", async () => {
    const port = await serve((request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("a part", () => request.socket.destroy());
    });
    await expect(ask(`http://127.0.0.1:${port}`, {})).rejects.toThrow(
      `Cannot complete the request to 127.0.0.1:${port} as the connection was closed before the answer was complete: ECONNRESET`,
    );
    await expect(ask("http://127.0.0.1:1", {})).rejects.toThrow(
      "as nobody listens there: ECONNREFUSED",
    );
    const lookup = async (): Promise<never> => {
      throw Object.assign(new Error("not found"), { code: "ENOTFOUND" });
    };
    await expect(ask("http://none.example", { lookup })).rejects.toThrow("no host has this name");
  });
});
