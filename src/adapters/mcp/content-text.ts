/** What a model reads of the answer of an MCP tool. */
import type { McpContent, McpOutput } from "./mcp-client.ts";

/**
 * The text of an answer: its blocks, a line apart. What is no text is named, with its type and size; where there is no block, the structured
 * content is written as JSON. Servers repeat structured content as text, so that it is not written twice.
 */
export function contentText({ content, structuredContent }: McpOutput): string {
  if (content.length === 0 && structuredContent !== undefined) {
    return JSON.stringify(structuredContent);
  }
  return content.map(blockText).join("\n");
}

/** The text of one block. */
export function blockText(block: McpContent): string {
  switch (block.type) {
    case "text":
      return String(block["text"]);
    case "image":
    case "audio":
      return `[${block.type}: ${String(block["mimeType"])}, ${base64Bytes(block["data"])} bytes]`;
    case "resource_link":
      return `[resource: ${[block["uri"], block["title"] ?? block["name"], block["description"]].filter(isText).join(", ")}]`;
    case "resource":
      return resourceText(block["resource"]);
    default:
      return JSON.stringify(block);
  }
}

function resourceText(resource: unknown): string {
  const { uri, mimeType, text, blob } = (resource ?? {}) as Readonly<Record<string, unknown>>;
  if (isText(text)) {
    return text;
  }
  const size = isText(blob) ? `${base64Bytes(blob)} bytes` : undefined;
  return `[resource: ${[uri, mimeType, size].filter(isText).join(", ")}]`;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** How many bytes a text in base64 stands for. */
export function base64Bytes(data: unknown): number {
  const text = isText(data) ? data.replace(/=+$/, "") : "";
  return Math.floor((text.length * 3) / 4);
}
