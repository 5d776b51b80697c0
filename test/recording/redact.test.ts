import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createSecretFinder, isSecretName } from "../../src/recording/find-secrets.ts";
import { createRedact, redactPieces, type Redact } from "../../src/recording/redact.ts";

const createRedactOf = (environments: Parameters<typeof createSecretFinder>[0]): Redact =>
  createRedact(createSecretFinder(environments));

/** Knows no environment: takes out token shapes alone. */
const redactShapes = createRedactOf([]);

/** Tokens are written in parts, so that no scanner takes this file for a leak. */
const token = (...parts: readonly string[]): string => parts.join("");

const TOKENS: Readonly<Record<string, string>> = {
  github: token("ghp", "_", "0123456789abcdefghijABCDEFGHIJ012345"),
  githubFine: token("github", "_pat_", "11ABCDEFG0123456789_abcdefghijklmnopqrstuvwxyz"),
  gitlab: token("glpat", "-", "0123456789abcdefghij"),
  openai: token("sk", "-", "proj-0123456789abcdefghijABCDEFGHIJ"),
  slack: token("xoxb", "-", "123456789012-abcdefghij"),
  aws: token("AKIA", "IOSF", "ODNN7EXAMPLE"),
  google: token("AIza", "Sy", "0123456789abcdefghijABCDEFGHIJ012"),
  npm: token("npm", "_", "0123456789abcdefghijABCDEFGHIJ012345"),
  stripe: token("sk", "_live_", "0123456789abcdefghij"),
  huggingFace: token("hf", "_", "abcdefghijklmnopqrstuvwxyzABCDEFGH"),
  jwt: token(
    "eyJhbGciOiJIUzI1NiJ9.eyJ",
    "zdWIiOiIxMjM0NTY3ODkwIn0",
    ".dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
  ),
};

const KEY = token(
  "-----BEGIN ",
  "RSA PRIVATE",
  " KEY-----\nMIIEpAIBAAKCAQEA75\n-----END RSA PRIVATE KEY-----",
);

describe("createRedact", () => {
  test("takes the value of a secret variable out of any text, wherever it stands", () => {
    const secret = fc.string({ minLength: 8, unit: "grapheme" }).map((text) => text.trim());
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
        fc.pre(value.length >= 8 && !"[redacted:MY_TOKEN]".includes(value));
        const redact = createRedactOf([{ MY_TOKEN: value }]);
        const redacted = redact(`${before}${value}${after}`);
        expect(redacted).toContain("[redacted:MY_TOKEN]");
        expect(redacted).not.toContain(value);
      }),
    );
  });

  test("takes a secret out of JSON in the text, however deep", () => {
    const secret = fc.string({ minLength: 8, unit: "grapheme" });
    fc.assert(
      fc.property(secret, (value) => {
        const redact = createRedactOf([{ DB_PASSWORD: value.trim() }]);
        fc.pre(value.trim().length >= 8 && !"[redacted:DB_PASSWORD]".includes(value.trim()));
        const text = redact(JSON.stringify({ a: ["x", `y${value}z`] }));
        expect(text).toContain("[redacted:DB_PASSWORD]");
        // What is left is JSON as before.
        expect(JSON.stringify(JSON.parse(text))).not.toContain(
          JSON.stringify(value.trim()).slice(1, -1),
        );
      }),
    );
  });

  test("takes out a value of several lines, whatever the lines end with", () => {
    const redact = createRedactOf([{ DEPLOY_CREDENTIALS: "first line\nsecond line\n" }]);
    for (const text of ["first line\nsecond line", "first line\r\nsecond line\r\n"]) {
      expect(redact(`<${text}>`)).toMatch(/^<\[redacted:DEPLOY_CREDENTIALS\]\s*>$/);
    }
    expect(redact("first line\nthird line")).toBe("first line\nthird line");
  });

  test("leaves nothing of a secret that contains another one", () => {
    const redact = createRedactOf([{ A_TOKEN: "12345678" }, { B_TOKEN: "0123456789" }]);
    expect(redact("0123456789 12345678")).toBe("[redacted:B_TOKEN] [redacted:A_TOKEN]");
  });

  test("names a variable as it is called, also one with signs of a replacement", () => {
    expect(createRedactOf([{ "$&_TOKEN": "0123456789" }])("0123456789")).toBe(
      "[redacted:$&_TOKEN]",
    );
  });

  test("leaves short values, empty ones, and those of other names", () => {
    const redact = createRedactOf([
      { MY_TOKEN: "1234567", OTHER_TOKEN: "  1234567  ", API_KEY: "", PASSWORD: undefined },
      { HOME: "/home/someone", PWD: "/home/someone/project", SSH_AUTH_SOCK: "/tmp/agent.sock" },
    ]);
    const text = "1234567 /home/someone/project /tmp/agent.sock undefined";
    expect(redact(text)).toBe(text);
  });

  test.each(Object.entries(TOKENS))("takes out a token as of %s", (_service, token) => {
    for (const [before, after] of [
      ["", ""],
      ["token=", "\n"],
      ['"', '"'],
      ["https://example.com/?key=", "&x=1"],
      ["a, ", ", b"],
    ]) {
      expect(redactShapes(`${before}${token}${after}`)).toBe(`${before}[redacted]${after}`);
    }
  });

  test("takes out a private key, plain or inside of JSON", () => {
    expect(redactShapes(`a\n${KEY}\nb\n${KEY}`)).toBe("a\n[redacted]\nb\n[redacted]");
    expect(redactShapes(JSON.stringify({ key: KEY }))).toBe('{"key":"[redacted]"}');
  });

  test.each([
    ["Authorization: Bearer abcdef0123456789", "Authorization: Bearer [redacted]"],
    ["authorization: basic dXNlcjpwYXNzd29yZA==", "authorization: basic [redacted]"],
    ["postgres://me:s3cr3t-word@db:5432/x", "postgres://me:[redacted]@db:5432/x"],
    ["https://:hunter22@example.com", "https://:[redacted]@example.com"],
    ["git+ssh://me:pa:ss@host", "git+ssh://me:[redacted]@host"],
  ])("keeps what is around a secret: %s", (text, expected) => {
    expect(redactShapes(text)).toBe(expected);
  });

  test.each([
    "/usr/local/lib/node_modules/typescript/bin/tsc",
    "src/plan/task-definition.ts:147:12",
    "C:\\Users\\someone\\AppData\\Local",
    "task-of-a-very-long-name-with-many-words",
    "sk-folding-cube-with-a-long-name",
    "Use Basic authentication, or a Bearer credential-of-some-kind.",
    "A basic understanding of bearer responsibilities",
    "https://example.com:8080/path?x=1#y",
    "http://localhost:3000/@scope/package",
    "git@github.com:someone/something.git",
    "someone@example.com",
    "npm_config_registry=https://registry.npmjs.org/",
    "4f2d1c0b9a8e7d6c5b4a39281706f5e4d3c2b1a0",
    "0b9d3f6e-4a53-4f52-9f57-6d8f3c1b2a10",
    "eyJ is how a JSON Web Token begins",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "tokens: 1200, max_tokens: 4096",
  ])("leaves ordinary text as it is: %s", (text) => {
    expect(redactShapes(text)).toBe(text);
  });

  test("changes nothing the second time", () => {
    const piece = fc.constantFrom(
      ...Object.values(TOKENS),
      "Bearer abcdef0123456789",
      "a://b:cde@f",
      KEY,
      " ",
      "\n",
      "x",
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const redacted = redactShapes(pieces.join(" "));
        expect(redactShapes(redacted)).toBe(redacted);
      }),
    );
  });
});

describe("redactPieces", () => {
  const LINES = "line one\nline two\nline three";
  const finder = createSecretFinder([
    { MY_TOKEN: "hunter2-hunter2", OTHER_TOKEN: "nter2-hunterX", MY_PASSWORD: LINES },
  ]);
  const whole = createRedact(finder);
  const LONGEST = 100;

  async function inPieces(pieces: readonly string[], length = LONGEST): Promise<string> {
    let result = "";
    for await (const part of redactPieces(Readable.from(pieces), finder, length)) {
      result += part;
    }
    return result;
  }

  test("comes to the same, however a text is cut", async () => {
    const word = fc.constantFrom(
      ...Object.values(TOKENS).filter((each) => each.length < LONGEST),
      ...["hunter2-hunter2", "hunter2-hunter2-hunterX", "hunter2-hunterX", LINES, "hunter2"],
      ...["Bearer abcdef0123456789", "a://b:cde@f", "https://me:hunter2-hunter2@host/", "x"],
      ...[" ", "\n", "-", "_", "a", "word", " ".repeat(60), "w".repeat(90)],
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(word, { maxLength: 40 }),
        fc.array(fc.nat(400)),
        async (words, cuts) => {
          const text = words.map((word, index) => `${word}${' \n,"'[index % 4]}`).join("");
          const ends = [...cuts.filter((at) => at < text.length), text.length].sort(
            (a, b) => a - b,
          );
          const pieces = ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end));
          const left = await inPieces(pieces.filter((piece) => piece !== ""));
          expect(left).toBe(whole(text));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("takes out all that a token may go on with, however far", async () => {
    const token = TOKENS["gitlab"] ?? "";
    const pieces = `a ${token}${"0123456789".repeat(60)} b ${token}${"x".repeat(400)}`.split("");
    expect(await inPieces(pieces)).toBe("a [redacted] b [redacted]");
  });
});

describe("isSecretName", () => {
  test.each([
    ...["TOKEN", "GITHUB_TOKEN", "token", "accessToken", "client-secret", "AWS_SECRET_ACCESS_KEY"],
    ...["OPENAI_API_KEY", "apiKey", "x-api-key", "APIKEY", "PGPASSWORD", "MYSQL_PWD", "DB_PASS"],
    ...[
      "password",
      "passphrase",
      "Authorization",
      "set-cookie",
      "Cookie",
      "privateKey",
      "API_KEY_2",
    ],
    ...["npm_config__auth", "TOKEN2", "credentials"],
  ])("is true for %s", (name) => {
    expect(isSecretName(name)).toBe(true);
  });

  test.each([
    ...["PWD", "OLDPWD", "PATH", "HOME", "author", "authority", "tokens", "maxTokens", "tokenizer"],
    ...["secretary", "keyboard", "monkey", "passed", "bypass", "compass", "pass", "key", "cookies"],
    ...["SSH_AUTH_SOCK", "TOKEN_FILE", "secretPath", "passwordDir", ""],
  ])("is false for %j", (name) => {
    expect(isSecretName(name)).toBe(false);
  });
});
