/** What a task returned, in words: a few for the line of the task, and the lines that its reader waits for. */
import { relative } from "node:path";
import type { EachValue } from "../plan/kinds/each.ts";
import type { HttpValue } from "../plan/kinds/http.ts";
import type { ReadValue } from "../plan/kinds/read.ts";
import type { SearchValue } from "../plan/kinds/search.ts";
import type { WriteValue } from "../plan/kinds/write.ts";
import type { KindName } from "../plan/settings.ts";

/** A few words; empty when there is nothing to say. */
export function headlineOf(kind: KindName | undefined, value: unknown): string {
  switch (kind) {
    case "read": {
      const { files } = value as ReadValue; // What the kind returns; so are those below.
      return files.length === 1 ? "1 file" : `${files.length} files`;
    }
    case "search": {
      const { matches, truncated } = value as SearchValue;
      const files = new Set(matches.map(({ path }) => path)).size;
      const more = truncated ? "more than " : "";
      return `${more}${counted(matches.length, "match", "matches")} in ${counted(files, "file", "files")}`;
    }
    case "write": {
      const { bytes } = value as WriteValue;
      return `${counted(bytes, "byte", "bytes")} written`;
    }
    case "http": {
      const { status } = value as HttpValue;
      return `status ${status}`;
    }
    case "each": {
      const { items } = value as EachValue;
      return counted(items.length, "item", "items");
    }
    default:
      return "";
  }
}

/** The value itself as lines. The output of commands is not among them: it is printed as it comes. */
export function linesOfValue(kind: KindName | undefined, value: unknown): readonly string[] {
  switch (kind) {
    case "read":
      return (value as ReadValue).files.map(({ path }) => relative(process.cwd(), path));
    case "search":
      return (value as SearchValue).matches.map(
        ({ path, line, text }) => `${path}:${line}: ${text.trim()}`,
      );
    case "write":
      return [relative(process.cwd(), (value as WriteValue).path)];
    case "http":
      return splitLines((value as HttpValue).text);
    case "module":
      return value === null
        ? []
        : splitLines(
            typeof value === "string" ? value : (JSON.stringify(value, undefined, 2) ?? ""),
          );
    case "each":
      return (value as EachValue).items.flatMap(({ value: each }) =>
        each === undefined ? [] : linesOfValue((value as EachValue).kind, each),
      );
    default:
      return [];
  }
}

function counted(count: number, one: string, many: string): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}

function splitLines(text: string): readonly string[] {
  return text.replace(/\s+$/, "").split(/\r?\n/);
}
