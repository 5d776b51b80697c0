/** Reads the values of options. */
import { InvalidArgumentError } from "commander";
import { hostList } from "../system/host-list.ts";
import type { OutputMode } from "./command-output.ts";

/** `--limit 4` and `--limit command=4`, any number of times. */
export interface Limits {
  readonly all: number | undefined;
  readonly byName: Readonly<Record<string, number>>;
}

/** Options that every command that runs something has. */
export interface RunFlags {
  readonly output: OutputMode;
  readonly json?: boolean;
  readonly color?: boolean;
  readonly out?: string;
  readonly keep: number;
}

/** Takes one more `--limit`. */
export function addLimit(text: string, before: Limits = { all: undefined, byName: {} }): Limits {
  const [, name, number = text] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  const value = positiveInteger(number);
  return name === undefined
    ? { ...before, all: value }
    : { ...before, byName: { ...before.byName, [name]: value } };
}

/** Takes one more `--set name=value`. */
export function addSetting(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const equals = text.indexOf("=");
  if (equals < 1) {
    throw new InvalidArgumentError("It must be name=value.");
  }
  return { ...before, [text.slice(0, equals)]: text.slice(equals + 1) };
}

/** Takes one more text. */
export function addText(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** Takes one more host that may be asked. */
export function addHost(text: string, before: readonly string[] = []): readonly string[] {
  try {
    hostList([text]);
  } catch {
    throw new InvalidArgumentError(
      'It must be written as "example.com", "*.example.com" or "*", perhaps with a port.',
    );
  }
  return [...before, text];
}

/** `a,b`. */
export function names(text: string): readonly string[] {
  const list = text.split(",").map((name) => name.trim());
  if (list.includes("")) {
    throw new InvalidArgumentError("It must be names with commas between them.");
  }
  return list;
}

/** A folder: an empty text, as a variable without a value makes it, would be the current one. */
export function folderName(text: string): string {
  if (text === "") {
    throw new InvalidArgumentError("It must be the name of a folder.");
  }
  return text;
}

/** An integer from 1. */
export function positiveInteger(text: string): number {
  return integerFrom(1, text);
}

/** An integer from 0. */
export function wholeNumber(text: string): number {
  return integerFrom(0, text);
}

/** An amount of money above 0. */
export function dollars(text: string): number {
  const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value > 0)) {
    throw new InvalidArgumentError("It must be a number above 0.");
  }
  return value;
}

/** A number of a port, or 0 for any that is free. */
export function portNumber(text: string): number {
  const value = wholeNumber(text);
  if (value > 65_535) {
    throw new InvalidArgumentError("It must be an integer from 0 to 65535.");
  }
  return value;
}

function integerFrom(least: number, text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value) || value < least) {
    throw new InvalidArgumentError(`It must be an integer from ${least}.`);
  }
  return value;
}
