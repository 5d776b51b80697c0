/**
 * A feature is implemented with the tools of a coding assistant: what matters is read at once, the edits of one file are made in order and those of
 * others beside them, then the tests run, as they have to see all edits. The calls stand for those of a model.
 *
 * ```
 * read_files: == src/price.js
 * 1	export const price = (item) => item.price;
 * == test/price.test.js
 * Cannot read a file as it does not exist: test/price.test.js
 * search: src/cart.js
 * 1: import { price } from "./price.js";
 * 3: export const total = (items) => items.reduce((sum, item) => sum + price(item), 0);
 * src/price.js
 * 1: export const price = (item) => item.price;
 * 3 matches.
 * edit_file: Edited src/price.js: 1 replacement.
 * edit_file: Edited ./src/price.js: 1 replacement.
 * edit_file: Edited src/cart.js: 2 replacements.
 * write_file: Created test/price.test.js (214 bytes).
 * run_commands: $ node --test --test-reporter=dot test/
 * (exit code 0)
 * .
 *
 * Call 4 waited for call 3
 * ```
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { codingTools, toolbox, type ToolResult } from "fanfold/tools";

const root = mkdtempSync(join(tmpdir(), "fanfold-feature-"));
mkdirSync(join(root, "src"));
writeFileSync(join(root, "package.json"), '{ "type": "module" }\n');
writeFileSync(join(root, "src/price.js"), "export const price = (item) => item.price;\n");
writeFileSync(
  join(root, "src/cart.js"),
  'import { price } from "./price.js";\n\nexport const total = (items) => items.reduce((sum, item) => sum + price(item), 0);\n',
);

const tools = toolbox(codingTools({ root }), { root });
let calls = 0;

/** A response of a model that calls these tools. */
async function respond(
  ...asked: readonly (readonly [name: string, input: unknown])[]
): Promise<readonly ToolResult[]> {
  return await tools.run(asked.map(([name, input]) => ({ id: `${(calls += 1)}`, name, input })));
}

const TEST = `import assert from "node:assert/strict";
import { test } from "node:test";
import { total } from "../src/cart.js";

test("large orders cost less", () => assert.equal(total([{ price: 100 }, { price: 100 }]), 180));
`;

try {
  const looks = await respond(
    ["read_files", { files: [{ path: "src/price.js" }, { path: "test/price.test.js" }] }],
    ["search", { pattern: "price\\b", folders: ["src"] }],
  );
  const changes = await respond(
    [
      "edit_file",
      {
        path: "src/price.js",
        edits: [{ oldText: "item.price;", newText: "item.price;\nexport const rebate = 0;" }],
      },
    ],
    [
      "edit_file",
      { path: "./src/price.js", edits: [{ oldText: "rebate = 0", newText: "rebate = 0.1" }] },
    ],
    [
      "edit_file",
      {
        path: "src/cart.js",
        edits: [
          { oldText: "{ price }", newText: "{ price, rebate }" },
          { oldText: "0);", newText: "0) * (1 - rebate);" },
        ],
      },
    ],
    ["write_file", { path: "test/price.test.js", content: TEST }],
    ["run_commands", { commands: [{ command: "node --test --test-reporter=dot test/" }] }],
  );
  for (const { name, text } of [...looks, ...changes]) {
    console.log(`${name}: ${text}`);
  }
  const [, second] = changes;
  console.log(`\nCall ${second?.id} waited for call ${second?.waits.at(-1)?.on.join()}`);
  assert.deepEqual(
    [...looks, ...changes].map(({ status }) => status),
    Array.from({ length: 7 }, () => "completed"),
  );
  assert.match(changes.at(-1)?.text ?? "", /exit code 0/);
} finally {
  rmSync(root, { recursive: true });
}
