/** What tells requests apart: two that a model cannot tell apart have one key. */
import { createHash } from "node:crypto";
import { jsonSchemaOf } from "./json-schema-of.ts";
import type { ModelRequest } from "./model.ts";
import { canonical } from "./plain-data.ts";

/** Changes with the meaning of keys and of what is kept under them. */
const VERSION = 1;

/** The key of a request to a model: 64 hexadecimal digits. The order of fields does not count, nor does what is undefined. */
export function requestKey(modelName: string, request: ModelRequest): string {
  const { instructions, messages = [], prompt, tools = [], schema } = request;
  const { maxOutputTokens, temperature } = request;
  const said = prompt === undefined ? messages : [...messages, { role: "user", text: prompt }];
  const asked = {
    version: VERSION,
    model: modelName,
    instructions,
    messages: said,
    tools,
    schema: schema && jsonSchemaOf(schema),
    maxOutputTokens,
    temperature,
  };
  return createHash("sha256").update(canonical(asked)).digest("hex");
}
