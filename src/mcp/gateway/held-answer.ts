/** What is held of the answer of a call until all calls of its batch have ended: as much as could be shown of it. The rest is in files. */
import { base64Bytes, blockText } from "../../adapters/mcp/content-text.ts";
import type { McpContent } from "../../adapters/mcp/mcp-client.ts";
import { counted } from "../../core/counted.ts";
import type { Gap } from "../../tools/coding/head-and-tail.ts";
import type { ResultFiles } from "../result-files.ts";
import { mostLookedAt, type KeptWhole, type MediaBlock } from "../shown-result.ts";
import { thinPieces } from "./thin-pieces.ts";

/** How large the images and sounds of a result may be together, in bytes of base64: assistants drop results that are larger. */
export const MOST_MEDIA_BYTES = 750_000;

/** How large an image, a sound or another thing that is no text may be to be kept, in bytes. */
const MOST_KEPT_BYTES = 10 * 1024 * 1024;

/** An image or a sound that may be attached. */
export interface HeldMedia {
  /** What it is, in words. */
  readonly label: string;
  readonly block: MediaBlock;
  /** Where it is, in words, where it was kept before that was needed. */
  readonly place?: string | undefined;
}

/** An answer. */
export interface HeldAnswer {
  /** Together its text. */
  readonly pieces: readonly (string | HeldMedia | Gap)[];
  /** Set where it is longer than what can be shown. */
  readonly whole?: KeptWhole;
}

/** What answers are held with. */
export interface HoldOptions {
  readonly files: ResultFiles;
  /** How large a result may be, in bytes. */
  readonly maxBytes: number;
}

/** An answer as it came. */
export interface CameAnswer {
  /** The id of the call. */
  readonly id: string;
  readonly content: readonly McpContent[];
  /** What stands for all of the content where that is text alone. */
  readonly plain: string;
  /** Takes secrets out of a text. */
  redact(text: string): string;
}

/** Takes of an answer what could be shown, and keeps the rest. */
export async function holdAnswer(answer: CameAnswer, options: HoldOptions): Promise<HeldAnswer> {
  const { files, maxBytes } = options;
  const pieces = await piecesOf(answer, files);
  const text = pieces.filter((piece) => typeof piece === "string");
  const most = mostLookedAt(maxBytes);
  if (text.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0) <= most) {
    return { pieces };
  }
  const placed = await Promise.all(pieces.map((piece) => withPlace(piece, answer.id, files)));
  const whole = placed.map((piece) => (typeof piece === "string" ? piece : inFile(piece))).join("");
  const file = await files.keep(answer.id, whole);
  return { pieces: thinPieces(placed, Math.ceil(most / 2)), whole: { file } };
}

/** Where something is that is not shown, in words. */
export async function placeInWords(
  { data, mimeType }: Pick<MediaBlock, "data" | "mimeType">,
  id: string,
  files: ResultFiles,
): Promise<string> {
  if (base64Bytes(data) > MOST_KEPT_BYTES) {
    return `, and larger than ${counted(MOST_KEPT_BYTES, "byte")}, which is the most that is kept`;
  }
  const ending = /^[\w-]+\/(?:x-)?([a-z0-9]{1,10})(?:$|[+;])/.exec(mimeType)?.[1] ?? "bin";
  const file = await files.keep(id, Buffer.from(data, "base64"), ending);
  return file === undefined ? ", and there was no room to keep it" : `; it is in ${file}`;
}

/** A line for each block. What may be attached stands for itself: no more of an answer than all answers may have together. */
async function piecesOf(
  { id, content, plain, redact }: CameAnswer,
  files: ResultFiles,
): Promise<readonly (string | HeldMedia)[]> {
  if (content.every(({ type }) => type === "text")) {
    return [redact(plain)];
  }
  const pieces: (string | HeldMedia)[] = [];
  let bytesLeft = MOST_MEDIA_BYTES;
  for (const [index, block] of content.entries()) {
    const label = redact(blockText(block));
    const lineBreak = index === 0 ? "" : "\n";
    const media = mediaOf(block);
    if (media !== undefined && media.data.length <= bytesLeft) {
      bytesLeft -= media.data.length;
      pieces.push(lineBreak, { label, block: media });
    } else if (media !== undefined) {
      const place = await placeInWords(media, id, files);
      pieces.push(`${lineBreak}${label} (not attached: too large${place})`);
    } else {
      pieces.push(`${lineBreak}${label}${await placeOfBlob(block, id, files)}`);
    }
  }
  return pieces;
}

function mediaOf({ type, data, mimeType }: McpContent): MediaBlock | undefined {
  return (type === "image" || type === "audio") && typeof data === "string"
    ? { type, data, mimeType: String(mimeType) }
    : undefined;
}

/** Where a resource is that is no text. */
async function placeOfBlob(block: McpContent, id: string, files: ResultFiles): Promise<string> {
  const { blob, mimeType } = (block["resource"] ?? {}) as Readonly<Record<string, unknown>>;
  return typeof blob === "string"
    ? ` (not shown${await placeInWords({ data: blob, mimeType: String(mimeType) }, id, files)})`
    : "";
}

/** The file of a long text says where all of it is, also what will be attached. */
async function withPlace(
  piece: string | HeldMedia,
  id: string,
  files: ResultFiles,
): Promise<string | HeldMedia> {
  return typeof piece === "string"
    ? piece
    : { ...piece, place: await placeInWords(piece.block, id, files) };
}

function inFile({ label, place = "" }: HeldMedia): string {
  return `${label} (attached as far as there was room${place})`;
}
