/** `http`: one request. A status of 400 or more is a failure. */
import { requestUrl } from "../../system/request-url.ts";
import type { Kind } from "../kind.ts";
import type { HttpSettings } from "../settings.ts";
import { jsonOf, linesOf } from "../text-fields.ts";
import { textProblems } from "../text-problems.ts";
import { asJson } from "../json-value.ts";
import type { Values } from "../values.ts";

/** A request in its long form. */
type HttpRequest = Exclude<HttpSettings["http"], string>;

/** What the server answered. */
export interface HttpValue {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export const http: Kind<HttpSettings> = {
  defaultLimit: 8,
  fields: {
    statusCode: ({ status }: HttpValue) => status,
    headers: ({ headers }: HttpValue) => headers,
    text: ({ text }: HttpValue) => text,
    lines: ({ text }: HttpValue) => linesOf(text),
    json: ({ text }: HttpValue) => jsonOf(text),
  },
  answer: ({ text }: HttpValue) => text,
  problems: ({ http }) =>
    typeof http === "string"
      ? textProblems(http, ["http"], requestUrl)
      : textProblems(http.url, ["http", "url"], requestUrl),
  async run({ http }, { ctx, values }) {
    const request: HttpRequest = typeof http === "string" ? { url: http } : http;
    const json = request.json === undefined ? undefined : await values.resolve(request.json);
    const headers = await textsOf(request.headers ?? {}, values);
    const body = request.body === undefined ? undefined : await values.text(request.body);
    const hasBody = json !== undefined || body !== undefined;
    const { httpRequest } = await import("../../system/http-request.ts");
    const response = await httpRequest({
      url: await values.text(request.url),
      method: await values.text(request.method ?? (hasBody ? "POST" : "GET")),
      headers: json === undefined ? headers : { "content-type": "application/json", ...headers },
      body: json === undefined ? body : asJson(json),
      signal: ctx.signal,
    });
    if (response.status >= 400) {
      const said = response.text === "" ? "" : `: ${response.text.slice(0, 200)}`;
      throw new Error(
        `Cannot use the answer of the server as its status is ${response.status} ${response.statusText}${said}`,
      );
    }
    return {
      status: response.status,
      headers: response.headers,
      text: response.text,
    } satisfies HttpValue;
  },
};

async function textsOf(
  headers: Readonly<Record<string, string>>,
  values: Values,
): Promise<Readonly<Record<string, string>>> {
  const entries = Object.entries(headers).map(
    async ([name, value]) => [name, await values.text(value)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}
