/** `fanfold mcp` and the command line of the inspector, which is a client of the released packages. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { inFolder } from "../../support/fanfold.ts";
import { MAIN } from "../../support/mcp-client.ts";
import { openHttp } from "../../support/mcp-http.ts";

const INSPECTOR = fileURLToPath(
  new URL("node_modules/@modelcontextprotocol/inspector-cli/build/cli.js", import.meta.url),
);

/** What the inspector prints, in that folder. */
async function inspect(cwd: string, args: readonly string[]): Promise<unknown> {
  const all = [INSPECTOR, "--cli", ...args];
  const { stdout } = await promisify(execFile)(process.execPath, all, { cwd });
  return JSON.parse(stdout);
}

const CALL = [
  ...["--method", "tools/call", "--tool-name", "parallel_read"],
  ...["--tool-arg", 'steps=[{"read":"a.txt"},{"search":"w.rd","in":"a.txt"}]'],
];

describe("the inspector", () => {
  test("lists the tools and calls one, over pipes", async () => {
    await inFolder({ "a.txt": "a word\n" }, async (folder) => {
      const server = [process.execPath, MAIN, "mcp"];
      const listed = await inspect(folder, [...server, "--method", "tools/list"]);
      const { tools } = listed as { readonly tools: readonly { readonly name: string }[] };
      expect(tools.map(({ name }) => name)).toContain("parallel_read");
      expect(await inspect(folder, [...server, ...CALL])).toMatchObject({
        structuredContent: {
          steps: [{ output: "== a.txt\n1\ta word" }, { output: "a.txt\n1: a word\n1 match." }],
        },
      });
    });
  });

  test("does so over HTTP", async () => {
    await inFolder({ "a.txt": "a word\n" }, async (folder) => {
      // This version of it can send no header.
      const server = await openHttp(["--no-token"], { cwd: folder });
      try {
        expect(await inspect(folder, [server.url, ...CALL])).toMatchObject({
          structuredContent: { steps: [{ status: "completed" }, { status: "completed" }] },
        });
      } finally {
        await server.close();
      }
    });
  });
});
