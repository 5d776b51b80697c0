import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import {
  createServer as createRawServer,
  type AddressInfo,
  type Server as RawServer,
} from "node:net";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { httpRequest, type HttpRequestOptions } from "../../src/system/http-request.ts";

const open: (Server | RawServer)[] = [];

afterEach(async () => {
  for (const server of open.splice(0)) {
    const closed = once(server, "close");
    server.close();
    if ("closeAllConnections" in server) {
      server.closeAllConnections();
    }
    await closed;
  }
});

/** Listens until the test ends; returns what a URL of it begins with. */
async function listen(server: Server | RawServer): Promise<string> {
  open.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function serve(listener: RequestListener): Promise<string> {
  return await listen(createServer(listener));
}

/** Sends these bytes to whoever connects, and closes. */
async function serveBytes(...bytes: readonly string[]): Promise<string> {
  const server = createRawServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end(bytes.join("\r\n")));
  });
  return await listen(server);
}

async function request(url: string, options: Partial<HttpRequestOptions> = {}) {
  return await httpRequest({ url, signal: new AbortController().signal, ...options });
}

async function failure(url: string, options: Partial<HttpRequestOptions> = {}): Promise<Error> {
  const error: unknown = await request(url, options).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(Error);
  return error as Error;
}

/** Answers with what it was asked. */
async function serveEcho(): Promise<string> {
  return await serve((message, answer) => {
    const { method, url, headers } = message;
    const chunks: Buffer[] = [];
    message.on("data", (chunk: Buffer) => chunks.push(chunk));
    message.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      answer.end(JSON.stringify({ method, url, headers, body }));
    });
  });
}

interface Echo {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

async function echo(url: string, options: Partial<HttpRequestOptions> = {}): Promise<Echo> {
  return JSON.parse((await request(url, options)).text) as Echo;
}

describe("httpRequest", () => {
  test("asks with GET, or with POST where there is a body, or as it is told", async () => {
    const url = `${await serveEcho()}/a?b=c`;
    expect(await echo(url)).toMatchObject({ method: "GET", url: "/a?b=c", body: "" });
    expect(await echo(url, { body: "é" })).toMatchObject({ method: "POST", body: "é" });
    const body = Buffer.from("bytes");
    expect(await echo(url, { body, method: "PUT" })).toMatchObject({
      method: "PUT",
      body: "bytes",
    });
    expect(await echo(url, { headers: { "X-Own": "1" } })).toMatchObject({
      headers: { "x-own": "1" },
    });
  });

  test("takes any status for an answer, with its headers and text", async () => {
    const url = await serve((_, answer) => {
      answer.writeHead(500, "Broken", [...["X-One", "a"], ...["X-One", "b"]]);
      answer.end("reason");
    });
    expect(await request(`${url}/path`)).toMatchObject({
      status: 500,
      statusText: "Broken",
      headers: { "x-one": "a, b" },
      text: "reason",
      url: `${url}/path`,
    });
  });

  test("reads UTF-8 however it is cut, and replaces what is none", async () => {
    const bytes = Buffer.from("é😀");
    const url = await serve((_, answer) => {
      answer.write(bytes.subarray(0, 1));
      setImmediate(() => {
        answer.write(bytes.subarray(1, 4));
        setImmediate(() => answer.end(Buffer.concat([bytes.subarray(4), Buffer.from([0xff])])));
      });
    });
    expect((await request(url)).text).toBe("é😀\ufffd");
  });

  test("makes a header of the user and password of a URL, unless there is one", async () => {
    const url = await serveEcho();
    const withUser = url.replace("//", "//user:p%40%ss@");
    const { text, url: answered } = await request(withUser);
    const basic = `Basic ${Buffer.from("user:p%40%ss").toString("base64")}`;
    expect((JSON.parse(text) as Echo).headers["authorization"]).toBe(basic);
    expect(answered).toBe(`${url}/`);
    const escaped = await echo(url.replace("//", "//us%3Aer:p%40ss@"));
    const decoded = Buffer.from("us:er:p@ss").toString("base64");
    expect(escaped.headers["authorization"]).toBe(`Basic ${decoded}`);
    const own = await echo(withUser, { headers: { Authorization: "Bearer own" } });
    expect(own.headers["authorization"]).toBe("Bearer own");
  });

  test("follows redirects, and takes secrets along only to the same host", async () => {
    const other = await serveEcho();
    const url = await serve((message, answer) => {
      const location = { "/here": "/there", "/there": `${other}/end` }[message.url ?? ""];
      answer.writeHead(302, { location }).end();
    });
    const headers = { authorization: "secret", cookie: "secret", "x-own": "1" };
    const { text, url: answered } = await request(`${url}/here`, { headers });
    expect(answered).toBe(`${other}/end`);
    const { headers: received } = JSON.parse(text) as Echo;
    expect([received["authorization"], received["cookie"], received["x-own"]]).toEqual([
      ...[undefined, undefined, "1"],
    ]);
  });

  test("reads as many bytes as the limit, and not one more, after decompression", async () => {
    const url = await serve((message, answer) => {
      if (message.url === "/packed") {
        answer.setHeader("content-encoding", "gzip");
        answer.end(gzipSync("a".repeat(1000)));
      } else {
        answer.end("a".repeat(1000));
      }
    });
    for (const path of ["/packed", "/plain"]) {
      const { text } = await request(`${url}${path}`, { limitBytes: 1000 });
      expect(text).toHaveLength(1000);
      const error = await failure(`${url}${path}`, { limitBytes: 999 });
      expect(error).toBeInstanceOf(RangeError);
      expect(error.message).toBe(
        `Cannot read the answer of ${new URL(url).host} as it may have 999 bytes, and has more`,
      );
    }
  });

  test("closes the connection where an answer has no end", async () => {
    let closed: Promise<unknown> | undefined;
    const url = await serve((_, answer) => {
      closed = once(answer, "close");
      const more = (): void => {
        while (!answer.destroyed && answer.write("a".repeat(10_000)));
      };
      answer.on("drain", more);
      more();
    });
    expect(await failure(url, { limitBytes: 100_000 })).toBeInstanceOf(RangeError);
    await closed;
  });
});

describe("httpRequest rejects", () => {
  test("an answer that does not begin in time", async () => {
    const url = await serve(() => undefined);
    const { message } = await failure(url, { answerWithinMs: 1 });
    expect(message).toContain("as it did not answer in time: UND_ERR_HEADERS_TIMEOUT");
  });

  test("where nobody listens", async () => {
    const server = createServer();
    const url = await listen(server);
    server.close();
    await once(server, "close");
    open.pop();
    const error = await failure(url);
    expect(error.message).toBe(
      `Cannot complete the request to ${new URL(url).host} as nobody listens there: ECONNREFUSED`,
    );
    expect(error.cause).toMatchObject({ code: "ECONNREFUSED" });
  });

  test.each([
    [["HTTP/1.1 200 OK", "content-length: 9", "", "a"], "the connection was closed before"],
    [["HTTP/1.1 200 OK", "transfer-encoding: chunked", "", "9", "a"], "the connection was closed"],
    [[""], "the connection was closed before the answer was complete"],
    [["nonsense", "", ""], "its answer is not HTTP"],
    [
      ["HTTP/1.1 200 OK", `x: ${"x".repeat(100_000)}`, "", ""],
      "the headers of the answer are too large",
    ],
    [
      ["HTTP/1.1 200 OK", "content-encoding: gzip", "content-length: 8", "", "nonsense"],
      "its answer cannot be decompressed",
    ],
    [
      ["HTTP/1.1 302 Found", "location: ftp://x/", "", ""],
      "it redirects to something that is neither",
    ],
    [
      ["HTTP/1.1 302 Found", "location: http://[x", "", ""],
      "it redirects to something that is no URL",
    ],
  ])("an answer %j", async (bytes, rule) => {
    const { message } = await failure(await serveBytes(...bytes));
    expect(message).toContain(`as ${rule}`);
  });

  test("an answer that stops in the middle", async () => {
    const url = await serve((_, answer) => answer.write("begin"));
    // On a machine that is slow enough, it has not begun by then either.
    expect((await failure(url, { answerWithinMs: 20 })).message).toMatch(
      /as it (?:stopped in the middle of its answer|did not answer in time): UND_ERR_/,
    );
  });

  test("an answer that cannot be decompressed and has no length, even where the client hangs", async () => {
    const url = await serveBytes("HTTP/1.1 200 OK", "content-encoding: gzip", "", "nonsense");
    expect((await failure(url, { answerWithinMs: 100 })).message).toMatch(
      /as (?:its answer cannot be decompressed|it stopped in the middle|it did not answer)/,
    );
  });

  test("a circle of redirects", async () => {
    const url = await serve((_, answer) => answer.writeHead(307, { location: "/" }).end());
    expect((await failure(url)).message).toContain("as it redirects more than 20 times");
  });

  test("a port that the platform refuses", async () => {
    const { message } = await failure("http://127.0.0.1:1/");
    expect(message).toBe(
      "Cannot complete the request to 127.0.0.1:1 as the platform makes no requests to this port",
    );
  });

  test("what is no URL, no method or no header, before it connects", async () => {
    const url = "http://127.0.0.1:1/";
    const cases: readonly (readonly [string, Partial<HttpRequestOptions>, string])[] = [
      ["nonsense", {}, "as its URL cannot be read"],
      ["http://user:secret@[/path?secret#secret", {}, 'cannot be read: "…@[/path"'],
      ["file:///etc/passwd", {}, 'as only http and https are known: "file:"'],
      [url, { method: "a b" }, "as its method or body is refused: a b"],
      [url, { method: "GET", body: "x" }, "as its method or body is refused: GET"],
      [url, { headers: { "a b": "secret" } }, 'as HTTP allows no such header: "a b"'],
      [url, { headers: { x: "secret\nsecret" } }, 'as HTTP allows no such header: "x"'],
    ];
    for (const [url, options, rule] of cases) {
      const error = await failure(url, options);
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toContain(rule);
      expect(inspect(error)).not.toContain("secret");
    }
  });

  test("without a word of paths, queries, headers, users and passwords", async () => {
    const url = await serveBytes("HTTP/1.1 200 OK", "content-length: 9", "", "a");
    const secretUrl = `${url.replace("//", "//secret-user:secret-word@")}/secret-path?secret-query`;
    const error = await failure(secretUrl, { headers: { "x-own": "secret-header" } });
    expect(inspect(error, { depth: Infinity })).not.toContain("secret");
  });

  test("with the reason of an abort, before, while it waits, or in the middle", async () => {
    const aborted = AbortSignal.abort(new Error("too late"));
    expect((await failure("nonsense", { signal: aborted })).message).toBe("too late");

    for (const path of ["/waits", "/begins"]) {
      const controller = new AbortController();
      let closed: Promise<unknown> | undefined;
      const url = await serve((message, answer) => {
        closed = once(answer, "close");
        if (message.url === "/begins") {
          answer.write("begin");
        }
        setImmediate(() => controller.abort(new Error("enough")));
      });
      const error = await failure(`${url}${path}`, { signal: controller.signal });
      expect(error.message).toBe("enough");
      await closed;
    }
  });
});
