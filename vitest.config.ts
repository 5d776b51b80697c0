import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import type { Reporter } from "vitest/node";
import { closingLineReporter } from "./test/support/closing-line-reporter.ts";
import { integrations } from "./test/support/integrations.ts";

/** These use dist, real processes or a whole compiler: in processes of their own, with time to spare. */
const BUILT = [
  "test/e2e/**/*.test.ts",
  "test/package.test.ts",
  "test/docs.test.ts",
  "test/examples.test.ts",
  "test/examples-service.test.ts",
  "test/integrations.test.ts",
  "test/integrations/*/built-*.test.ts",
];

const notInstalled = integrations().filter(({ isInstalled }) => !isInstalled);
/** Says it once: this file is read for each project. */
const sayWhatIsSkipped: Reporter = {
  onInit() {
    for (const { name } of notInstalled) {
      console.log(`test/integrations/${name} is skipped: run npm ci in it first`);
    }
  },
};

const WITHOUT_THESE = [
  "**/node_modules/**",
  ...notInstalled.map(({ name }) => `test/integrations/${name}/**`),
];

const source = (path: string): string => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ["default", sayWhatIsSkipped, closingLineReporter],
    coverage: { include: ["src/**/*.ts"], reporter: ["text", "html"] },
    projects: [
      {
        extends: true,
        test: {
          name: "source",
          include: ["test/**/*.test.ts"],
          exclude: [...BUILT, ...WITHOUT_THESE],
          pool: "threads",
          testTimeout: 30_000,
          typecheck: {
            enabled: true,
            include: ["test/types/**/*.test-d.ts"],
            tsconfig: "./tsconfig.json",
            // The sources are held to `npm run types`.
            ignoreSourceErrors: true,
          },
        },
      },
      {
        extends: true,
        test: {
          name: "built",
          include: BUILT,
          exclude: WITHOUT_THESE,
          pool: "forks",
          testTimeout: 60_000,
          hookTimeout: 60_000,
          globalSetup: ["./test/support/build-first.ts"],
        },
      },
    ],
  },
  resolve: {
    alias: [
      { find: /^fanfold$/, replacement: source("index.ts") },
      { find: /^fanfold\/(models|plan|testing|tools)$/, replacement: source("$1/index.ts") },
      {
        find: /^fanfold\/(ai-sdk|langchain|mcp|openai-agents)$/,
        replacement: source("adapters/$1/index.ts"),
      },
    ],
  },
});
