/** The answers of a scripted model, and which of them is next. */
import type {
  FinishReason,
  ModelMessage,
  ModelRequest,
  ModelResponse,
  ModelUsage,
} from "../models/model.ts";

/** One answer of a script. One that says nothing is an empty text. */
export interface ScriptedAnswer {
  /**
   * Which requests it is for: those whose text contains this string, fits this expression, or for which this holds. The text is all that
   * was said, by whomever. @defaultValue any
   */
  readonly when?: string | RegExp | ((request: ModelRequest) => boolean) | undefined;
  /** How often it is given: an integer from 1, or Infinity. @defaultValue Infinity with `when`, 1 without */
  readonly times?: number | undefined;
  /** What the model writes; a list is streamed bit by bit. @defaultValue nothing */
  readonly text?: string | readonly string[] | undefined;
  /** What the model writes, as data: its JSON is the text. Not beside `text`. */
  readonly object?: unknown;
  /** What the model calls, after the text. @defaultValue nothing */
  readonly toolCalls?: ModelResponse["toolCalls"] | undefined;
  /** @defaultValue "tool-calls" where there are some, else "stop" */
  readonly finishReason?: FinishReason | undefined;
  /** @defaultValue that of the options */
  readonly usage?: ModelUsage | undefined;
  /** Of the answer, or of the failure with `status`. @defaultValue none */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** `raw` of the message. @defaultValue none */
  readonly raw?: unknown;
  /** What is thrown instead of an answer: any value. Not beside `status`. */
  readonly failure?: unknown;
  /** Throws an error with this status of HTTP and with `headers`, as clients of services do. */
  readonly status?: number | undefined;
  /** How long it takes until the first bit, or the failure, in milliseconds: a number from 0. @defaultValue 0 */
  readonly firstMs?: number | undefined;
  /** How long each further bit takes, in milliseconds: a number from 0. A call is a bit. @defaultValue 0 */
  readonly eachMs?: number | undefined;
  /** After how many bits it breaks off, with the failure: an integer from 0. @defaultValue 0 with a failure, else never */
  readonly breaksAfter?: number | undefined;
}

/** A script: answers, or a function that makes one for each request, counted from 0. A string is an answer of that text. */
export type Script =
  | readonly (string | ScriptedAnswer)[]
  | ((request: ModelRequest, index: number) => string | ScriptedAnswer);

/** A script that is being played. */
export interface OpenScript {
  /** @throws `TypeError` when there is no answer to the request. */
  next(request: ModelRequest, index: number): ScriptedAnswer;
  readonly unused: readonly (string | ScriptedAnswer)[];
}

/** @throws `TypeError` or `RangeError` when an answer contradicts itself. */
export function openScript(script: Script): OpenScript {
  if (typeof script === "function") {
    return { next: (request, index) => answerOf(script(request, index)), unused: [] };
  }
  const lines = script.map((given) => {
    const answer = answerOf(given);
    return { given, answer, left: answer.times ?? (answer.when === undefined ? 1 : Infinity) };
  });
  return {
    next(request, index) {
      const line = lines.find(({ answer, left }) => left > 0 && isFor(answer, request));
      if (line === undefined) {
        const left = lines.filter((each) => each.left > 0).length;
        throw new TypeError(
          `Cannot answer request ${index + 1} as the script has ${left === 0 ? "no answer left" : `none for it among the answers left (${left})`}: ${excerpt(textOf(request))}`,
        );
      }
      line.left -= 1;
      return line.answer;
    },
    get unused() {
      return lines.filter(({ left }) => left > 0 && left < Infinity).map(({ given }) => given);
    },
  };
}

function answerOf(given: string | ScriptedAnswer): ScriptedAnswer {
  const answer = typeof given === "string" ? { text: given } : given;
  const { times = 1, firstMs = 0, eachMs = 0, breaksAfter = 0 } = answer;
  for (const [one, other] of [
    ["text", "object"],
    ["failure", "status"],
  ] as const) {
    if (one in answer && other in answer) {
      throw new TypeError(`Cannot script an answer as it has both "${one}" and "${other}"`);
    }
  }
  if (times !== Infinity && !(Number.isSafeInteger(times) && times >= 1)) {
    throw new RangeError(
      `Cannot script an answer as "times" must be an integer from 1, or Infinity: ${times}`,
    );
  }
  if (!Number.isSafeInteger(breaksAfter) || breaksAfter < 0) {
    throw new RangeError(
      `Cannot script an answer as "breaksAfter" must be an integer from 0: ${breaksAfter}`,
    );
  }
  for (const [name, ms] of Object.entries({ firstMs, eachMs })) {
    if (!(ms >= 0 && ms < Infinity)) {
      throw new RangeError(
        `Cannot script an answer as "${name}" must be a finite number from 0: ${ms}`,
      );
    }
  }
  return answer;
}

function isFor({ when }: ScriptedAnswer, request: ModelRequest): boolean {
  switch (typeof when) {
    case "undefined":
      return true;
    case "string":
      return textOf(request).includes(when);
    case "function":
      return when(request);
    default:
      return textOf(request).search(when) >= 0; // Unlike `test`, keeps no place in an expression with the flag g.
  }
}

/** All that was said, by whomever. */
function textOf({ instructions, messages = [], prompt }: ModelRequest): string {
  return [instructions, ...messages.map(said), prompt]
    .filter((text) => text !== undefined)
    .join("\n");
}

function said(message: ModelMessage): string {
  return message.role === "tool"
    ? message.results.map(({ text }) => text).join("\n")
    : message.text;
}

function excerpt(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 100)} … ${text.slice(-100)}` : text);
}
