/** Responses of a model that call tools, and how long they take with their calls. */
import { integer, type Random } from "../support/random.ts";
import { sum } from "../support/statistics.ts";
import type { Reply } from "./replies.ts";

/** A call of a tool that reads or writes one file. */
export interface TurnCall {
  readonly durationMs: number;
  readonly effect: "read" | "write";
  readonly file: string;
}

/** A response: some text, then calls, each a bit that takes as long to write as the others. */
export interface DrawnTurn {
  /** Until the first bit, which is text. */
  readonly firstMs: number;
  /** From one bit to the next. */
  readonly eachMs: number;
  /** How many bits of text there are, from 1. */
  readonly texts: number;
  /** One at the least. */
  readonly calls: readonly TurnCall[];
}

/** What turns are drawn from. */
export interface TurnKind {
  /** The shortest and the longest call, in milliseconds: equally likely by their logarithm. */
  readonly durationMs: readonly [number, number];
  /** Which part of the calls writes, from 0 to 1. */
  readonly writes: number;
}

/** How many tokens a call takes to write, and a bit of text. */
const BIT_TOKENS = 40;

const MOST_CALLS = 8;
const MOST_TEXTS = 4;
const FILES = 4;

/** Draws a turn that is written as fast as a reply was. */
export function drawTurn(
  random: Random,
  reply: Reply,
  { durationMs, writes }: TurnKind,
): DrawnTurn {
  const [least, most] = durationMs;
  const tokenMs = (reply.durationMs - reply.firstMs) / Math.max(1, reply.outputTokens - 1);
  return {
    firstMs: reply.firstMs,
    eachMs: tokenMs * BIT_TOKENS,
    texts: integer(random, 1, MOST_TEXTS),
    calls: Array.from({ length: integer(random, 1, MOST_CALLS) }, () => ({
      durationMs: least * (most / least) ** random(),
      effect: random() < writes ? "write" : "read",
      file: `file ${integer(random, 1, FILES)}`,
    })),
  };
}

/** When the model has written all of it. */
export function responseMs({ firstMs, eachMs, texts, calls }: DrawnTurn): number {
  return firstMs + eachMs * (texts + calls.length - 1);
}

/** The response, and then its calls one after another. */
export function oneByOneMs(turn: DrawnTurn): number {
  return responseMs(turn) + sum(turn.calls.map(({ durationMs }) => durationMs));
}

/** The response, and then all calls at once, also those that should not be. */
export function allAtOnceMs(turn: DrawnTurn): number {
  return responseMs(turn) + Math.max(...turn.calls.map(({ durationMs }) => durationMs));
}

/**
 * The response and its calls, each of which waits for those before it that touch the same file where one of them writes: started after the
 * response, or, those that read, as they are written. There is no limit.
 */
export function orderedMs(turn: DrawnTurn, { streams }: { readonly streams: boolean }): number {
  const { firstMs, eachMs, texts, calls } = turn;
  const endMs: number[] = [];
  for (const [index, call] of calls.entries()) {
    const writtenMs = firstMs + eachMs * (texts + index);
    const inTheWay = endMs.filter((_, other) => conflict(calls[other], call));
    const readyMs = streams && call.effect === "read" ? writtenMs : responseMs(turn);
    endMs.push(Math.max(readyMs, ...inTheWay) + call.durationMs);
  }
  return Math.max(responseMs(turn), ...endMs);
}

function conflict(one: TurnCall | undefined, other: TurnCall): boolean {
  return one?.file === other.file && (one.effect === "write" || other.effect === "write");
}
