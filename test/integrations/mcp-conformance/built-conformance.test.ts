/** `fanfold mcp --http` and the official suite: the released one, and that of the newer revisions of the protocol. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openHttp, type HttpProcess } from "../../support/mcp-http.ts";
import { nodeOfSuite, runSuite, type Check } from "./conformance.ts";

/** What scenarios need that this server does not offer. None of it is required of a server. */
const NOT_OFFERED: readonly (readonly [RegExp, string])[] = [
  [/^prompts-/, "it has no prompts"],
  [/^resources-/, "it has no resources"],
  [/^completion-complete$/, "it completes no arguments, as it has no prompts and resources"],
  [/^logging-set-level$/, "it sends no log messages"],
  [/^tools-call-/, "the suite calls tools of its own, such as test_simple_text"],
  [/^json-schema-2020-12$/, "the suite looks at a tool of its own"],
  [/^elicitation-/, "it asks its clients nothing; the suite calls tools of its own"],
  [/^input-required-result-/, "it asks its clients nothing; the suite calls tools of its own"],
  [/^http-custom-header-server-validation$/, "no argument of its tools is repeated in a header"],
  [/^tasks-/, "an extension: it has start_run and run_status for runs that outlive a call"],
  [/^sep-2640-skills-/, "an extension: it has no skills"],
];

/** Single checks, in scenarios that apply otherwise, for the same reasons. */
const NOT_TESTABLE: readonly string[] = [
  "server-stateless sep-2575-server-rejects-undeclared-capability",
  "server-stateless sep-2575-missing-capability-http-400",
  "server-stateless sep-2575-http-server-no-independent-requests-on-stream",
  "server-stateless sep-2575-server-no-log-without-loglevel",
  "caching sep-2549-prompts-list-caching-hints",
  "caching sep-2549-resources-list-caching-hints",
  "caching sep-2549-resources-templates-list-caching-hints",
];

/** The scenarios that apply to it, by revision of the protocol and version of the suite. */
const APPLY: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
  [
    "the released suite",
    "conformance-released",
    ["--suite", "all"],
    [
      "server-initialize",
      "ping",
      "tools-list",
      "server-sse-polling",
      "server-sse-multiple-streams",
      "dns-rebinding-protection",
    ],
  ],
  [
    "the newer suite, protocol of 2025-11-25",
    "@modelcontextprotocol/conformance",
    ["--suite", "all", "--spec-version", "2025-11-25"],
    [
      "server-initialize",
      "server-session-lifecycle",
      "ping",
      "tools-list",
      "server-sse-polling",
      "server-sse-multiple-streams",
      "dns-rebinding-protection",
    ],
  ],
  [
    "what is required of the protocol of 2026-07-28",
    "@modelcontextprotocol/conformance",
    ["--requirements", "2026-07-28"],
    [
      "server-stateless",
      "tools-list",
      "server-sse-multiple-streams",
      "sep-2164-resource-not-found",
      "dns-rebinding-protection",
      "caching",
      "http-header-validation",
    ],
  ],
];

const node = nodeOfSuite();
if (node === undefined) {
  console.log("test/integrations/mcp-conformance: the suite is skipped, as it needs Node 22");
}

describe.skipIf(node === undefined)("the server conforms to", () => {
  let folder = "";
  let server: HttpProcess | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "fanfold-conformance-root-"));
    // The suite knows of no tokens.
    server = await openHttp(["--no-token"], { cwd: folder });
  });
  afterAll(async () => {
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test.each(APPLY)("%s", async (_, suite, args, apply) => {
    const checks = await runSuite(node ?? "", { suite, url: server?.url ?? "", args });
    const isOffered = ({ scenario }: Check): boolean =>
      !NOT_OFFERED.some(([pattern]) => pattern.test(scenario));
    const applicable = checks.filter(isOffered);
    const failed = applicable
      .filter(({ status }) => status === "FAILURE")
      .map(({ scenario, id }) => `${scenario} ${id}`);
    expect(failed.toSorted()).toEqual(
      NOT_TESTABLE.filter((each) => apply.includes(each.split(" ")[0] ?? ""))
        .filter((each) => checks.some(({ scenario, id }) => each === `${scenario} ${id}`))
        .toSorted(),
    );
    expect([...new Set(applicable.map(({ scenario }) => scenario))].toSorted()).toEqual(
      apply.toSorted(),
    );
  });
});
