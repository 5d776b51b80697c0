/** What an error knows of the answer of a server: status and headers, in the forms of the usual clients. */

/** Where errors of HTTP clients carry an answer. */
interface Carrier {
  readonly status?: unknown;
  readonly statusCode?: unknown;
  readonly headers?: unknown;
  readonly responseHeaders?: unknown;
  readonly response?: unknown;
  readonly cause?: unknown;
}

/** What was found of an answer. */
export interface HttpAnswer {
  readonly status: number | undefined;
  readonly headers: readonly object[];
}

/** How far below an error the answer is looked for. */
const DEEPEST = 3;

/**
 * The answers that an error and its causes carry: `status` or `statusCode`, `headers` or `responseHeaders`, of themselves and of their
 * `response`.
 */
export function answersIn(error: unknown): readonly HttpAnswer[] {
  const answers: HttpAnswer[] = [];
  for (let at: unknown = error, depth = 0; isObject(at) && depth < DEEPEST; depth += 1) {
    const { status, statusCode, headers, responseHeaders, response, cause }: Carrier = at;
    const inner: Carrier = isObject(response) ? response : {};
    answers.push({
      status: [status, statusCode, inner.status, inner.statusCode].find(isNumber),
      headers: [headers, responseHeaders, inner.headers].filter(isObject),
    });
    at = cause;
  }
  return answers;
}

/**
 * One header, by its name in small letters. Headers are an object with `get`, names and values, a list of pairs, or a list of names
 * and values in turn (`rawHeaders` of Node).
 */
export function headerOf(headers: object, name: string): string | undefined {
  const { get } = headers as { readonly get?: unknown };
  const value: unknown =
    typeof get === "function" ? get.call(headers, name) : valueIn(pairsOf(headers), name);
  const one: unknown = Array.isArray(value) ? value[0] : value;
  return typeof one === "string" || typeof one === "number" ? String(one).trim() : undefined;
}

function pairsOf(headers: object): readonly (readonly [unknown, unknown])[] {
  if (!Array.isArray(headers)) {
    return Object.entries(headers);
  }
  const list: readonly unknown[] = headers;
  return list.flatMap((each, index): (readonly [unknown, unknown])[] => {
    if (Array.isArray(each)) {
      return [[each[0], each[1]]];
    }
    return index % 2 === 0 ? [[each, list[index + 1]]] : [];
  });
}

function valueIn(pairs: readonly (readonly [unknown, unknown])[], name: string): unknown {
  return pairs.find(([each]) => typeof each === "string" && each.toLowerCase() === name)?.[1];
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}
