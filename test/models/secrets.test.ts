import { inspect } from "node:util";
import { expect, test } from "vitest";
import { withoutSecrets } from "../../src/models/openai/secrets.ts";

const KEY = "sk-0123456789";

test("withoutSecrets takes a key out of whatever an error holds, and keeps the rest", () => {
  const cause: Record<string, unknown> = {
    list: [`a ${KEY}`, 1],
    frozen: Object.freeze({ fine: true }),
  };
  cause["itself"] = cause;
  const error = Object.assign(new TypeError(`Bad ${KEY} and ${KEY}`, { cause }), {
    statusCode: 401,
  });
  expect(withoutSecrets(error, [KEY])).toBe(error);
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(KEY);
  expect(error).toMatchObject({
    message: "Bad [hidden] and [hidden]",
    statusCode: 401,
    cause: { list: ["a [hidden]", 1], frozen: { fine: true } },
  });
  expect(withoutSecrets(`text ${KEY}`, [KEY])).toBe("text [hidden]");
  expect(withoutSecrets(undefined, [KEY])).toBeUndefined();
});
