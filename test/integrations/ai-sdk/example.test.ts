/** The example of docs/ai-sdk.md is `example.ts`, and prints what the page says. */
import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";

const here = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");

test("the page shows the example and what it prints", async () => {
  const printed: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((line: string) => {
    printed.push(line);
  });
  await import("./example.ts");
  log.mockRestore();
  const page = here("../../../docs/ai-sdk.md");
  expect(page).toContain(here("./example.ts").replaceAll('"ai7"', '"ai"'));
  expect(page).toContain(`\n\`\`\`\n${printed.join("\n")}\n\`\`\`\n`);
});
