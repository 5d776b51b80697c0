import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import { failureOf, planFolder, statuses } from "./run-yaml.ts";

const folder = planFolder();

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Listens until the test ends; returns what a URL of it begins with. */
async function serve(listener: Listener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers with what it was asked. */
async function serveEcho(): Promise<string> {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method, url, headers } = request;
    const body = await text(request);
    response.end(
      JSON.stringify({ method, url, type: headers["content-type"], own: headers["x-own"], body }),
    );
  };
  return await serve((request, response) => {
    answer(request, response).catch((error: Error) => response.destroy(error));
  });
}

describe("an http task", () => {
  test("lets others see each field of its result", async () => {
    const url = await serve((_, response) => {
      response.writeHead(201, { "x-own": "header" }).end('["one",\n"two"]\n');
    });
    const seen = await folder.see(`
tasks:
  a: { http: "${url}/path" }
  seen:
    module: ./tools.mjs#see
    with:
      statusCode: \${{ tasks.a.statusCode }}
      status: \${{ tasks.a.status }}
      own: \${{ tasks.a.headers["x-own"] }}
      text: \${{ tasks.a.text }}
      lines: \${{ tasks.a.lines }}
      json: \${{ tasks.a.json[1] }}
`);
    expect(seen).toEqual({
      statusCode: 201,
      status: "completed",
      own: "header",
      text: '["one",\n"two"]\n',
      lines: ['["one",', '"two"]'],
      json: "two",
    });
  });

  test("sends what the plan says, with references filled in everywhere", async () => {
    const url = await serveEcho();
    const seen = await folder.see(`
inputs: { url: "${url}", id: 7, word: "q\\"uote", method: delete }
tasks:
  plain: { http: "\${{ inputs.url }}/items/\${{ inputs.id }}" }
  json: { http: { url: "${url}/json", json: { id: "\${{ inputs.id }}", word: "<\${{ inputs.word }}>" } } }
  body: { http: { url: "${url}/body", method: PUT, headers: { x-own: "id \${{ inputs.id }}", content-type: text/x }, body: "\${{ inputs.word }}" } }
  none: { http: { url: "${url}/none", method: "\${{ inputs.method }}" } }
  seen:
    module: ./tools.mjs#see
    with: ["\${{ tasks.plain.json }}", "\${{ tasks.json.json }}", "\${{ tasks.body.json }}", "\${{ tasks.none.json }}"]
`);
    expect(seen).toEqual([
      { method: "GET", url: "/items/7", body: "" },
      {
        method: "POST",
        url: "/json",
        type: "application/json",
        body: '{"id":7,"word":"<q\\"uote>"}',
      },
      { method: "PUT", url: "/body", type: "text/x", own: "id 7", body: 'q"uote' },
      { method: "DELETE", url: "/none", body: "" },
    ]);
  });

  test.each([400, 404, 500, 503])(
    "fails at status %i, and shows how the answer begins",
    async (status) => {
      const url = await serve((_, response) => {
        response.writeHead(status, "Not Today").end(`sorry ${"x".repeat(1000)}`);
      });
      const result = await folder.run(`tasks: { a: { http: "${url}" } }`);
      expect(failureOf(result, "a")).toMatch(
        new RegExp(
          `^Cannot use the answer of the server as its status is ${status} Not Today: sorry x{194}$`,
        ),
      );
    },
  );

  test("tries again where the plan says so", async () => {
    let requests = 0;
    const url = await serve((_, response) => {
      requests += 1;
      response.writeHead(requests < 3 ? 503 : 200).end("done");
    });
    const { outcomes } = await folder.run(
      `tasks: { a: { http: "${url}", retry: { attempts: 3, delay: 1ms } } }`,
    );
    expect(outcomes["a"]).toMatchObject({
      status: "completed",
      attempts: 3,
      value: { text: "done" },
    });
  });

  test("fails where nobody listens, and repeats neither path nor query", async () => {
    const result = await folder.run(
      'tasks: { a: { http: "http://127.0.0.1:9/secret?token=secret" } }',
    );
    expect(failureOf(result, "a")).toMatch(/^Cannot complete the request to 127\.0\.0\.1:9 as /);
    expect(failureOf(result, "a")).not.toContain("secret");
  });

  test("hangs up when the run is cancelled", async () => {
    const cancel = new AbortController();
    let hungUp: Promise<unknown> | undefined;
    const url = await serve((request) => {
      hungUp = once(request.socket, "close");
      cancel.abort("enough");
    });
    const result = await folder.run(`tasks: { a: { http: "${url}" } }`, { signal: cancel.signal });
    expect(statuses(result)).toEqual({ a: "cancelled" });
    await hungUp;
  });
});
