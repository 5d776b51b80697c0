/** `fetch_url`: a page of a host that is allowed. */
import { z } from "zod";
import {
  AddressRefusedError,
  guardedRequest,
  type GuardedResponse,
} from "../../system/guarded-request.ts";
import { isPublicAddress } from "../../system/public-address.ts";
import { defineTool, type Tool } from "../tool.ts";
import type { CodingSettings } from "./settings.ts";
import { counted } from "../../core/counted.ts";
import { shortLine } from "./text.ts";

/** How long a request may take, redirects included. */
const TIMEOUT_MS = 30_000;

/** How much of an answer is read, in bytes. */
const LIMIT_BYTES = 4 * 1024 * 1024;

/** What the lines around the text need at most besides the URL, in bytes. */
const FRAME_BYTES = 400;

/** What is never text. */
const NO_TEXT = /^(?:image|audio|video|font)\//i;

const input = z.object({
  url: z.string().describe("http or https"),
  from: z
    .int()
    .min(0)
    .optional()
    .describe("How many characters of the text to pass over. Default: 0"),
});

/** An answer, whatever its status. */
export interface FetchUrlOutput {
  /** Where it came from, after redirects. */
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  readonly contentType: string;
  /** The body; undefined where it is no text. At most the first 4 MiB. */
  readonly text: string | undefined;
  readonly bytes: number;
  /** Whether the body is longer than what was read. */
  readonly truncated: boolean;
}

/** Makes the tool. */
export function fetchUrlTool(settings: CodingSettings): Tool {
  const { limits, maxResultBytes } = settings;
  return defineTool({
    name: "fetch_url",
    description:
      "Reads a page of the web by a GET request, as it is sent: HTML is not turned into text. Only hosts that were allowed can be asked.",
    input,
    effect: "read",
    parallel: true,
    limit: limits.requests,
    run: async ({ url }, { signal }): Promise<FetchUrlOutput> => {
      const response = await guardedRequest({
        url,
        checkUrl: (each) => mustBeAllowed(each, settings),
        allowsAddress: (each, address) =>
          settings.privateHosts.has(each) || isPublicAddress(address),
        signal,
        timeoutMs: TIMEOUT_MS,
        limitBytes: LIMIT_BYTES,
      }).catch((error: unknown) => {
        throw error instanceof AddressRefusedError ? privateError(error) : error;
      });
      return outputOf(response);
    },
    format: (output, { from = 0 }) => formatAnswer(output, { from, bytes: maxResultBytes }),
  });
}

function mustBeAllowed(url: URL, { allowedHosts, privateHosts }: CodingSettings): void {
  if (url.username !== "" || url.password !== "") {
    throw new TypeError(
      `Cannot ask ${url.host} as a URL with a user or password is not sent: leave them out`,
    );
  }
  if (!allowedHosts.has(url) && !privateHosts.has(url)) {
    const entries = [...allowedHosts.entries, ...privateHosts.entries];
    const known = entries.length === 0 ? "none is" : `only these are: ${entries.join(", ")}`;
    throw new Error(
      `Cannot ask ${url.host} as this host is not allowed; ${known}. Whoever runs this assistant can add it to "allowedHosts"`,
    );
  }
}

function privateError(cause: AddressRefusedError): Error {
  return new Error(
    `${cause.message}. Only public addresses are; whoever runs this assistant can add the host to "privateHosts"`,
    { cause },
  );
}

function outputOf({ body, ...answer }: GuardedResponse): FetchUrlOutput {
  const { url, status, statusText, contentType, truncated } = answer;
  const text = NO_TEXT.test(contentType) ? undefined : decode(body, contentType);
  return { url, status, statusText, contentType, text, bytes: body.length, truncated };
}

/** By the character set that the server names, else as UTF-8; undefined for what has a NUL. */
function decode(body: Buffer, contentType: string): string | undefined {
  const [, label = "utf-8"] = /charset\s*=\s*"?([^\s";]+)/i.exec(contentType) ?? [];
  let text;
  try {
    text = new TextDecoder(label).decode(body);
  } catch {
    text = new TextDecoder().decode(body); // There is no such character set.
  }
  return text.includes("\0") ? undefined : text;
}

export function formatAnswer(
  output: FetchUrlOutput,
  { from, bytes }: { readonly from: number; readonly bytes: number },
): string {
  const { url, status, statusText, contentType, text } = output;
  const type = contentType === "" ? "" : `, ${contentType}`;
  const head = `HTTP ${shortLine(`${status} ${statusText}${type}`, 200)}\n${shortLine(url, 500)}`;
  if (text === undefined) {
    return `${head}\n(no text: ${counted(output.bytes, "byte")}, not shown)`;
  }
  const rest = text.slice(from);
  const shown = beginningOf(rest, bytes - Buffer.byteLength(head) - FRAME_BYTES);
  const last =
    shown.length < rest.length
      ? [
          `… cut here, ${counted(rest.length - shown.length, "more character")}: go on with from: ${from + shown.length}`,
        ]
      : output.truncated
        ? [`… the answer is longer than the ${counted(LIMIT_BYTES, "byte")} that are read`]
        : [];
  return [head, "", shown, ...last].join("\n");
}

/** As much as fits into so many bytes, in whole characters. */
function beginningOf(text: string, bytes: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(Math.max(0, bytes)));
  return text.slice(0, read);
}
