import { describe, expect, test } from "vitest";
import { contentText } from "../../../src/adapters/mcp/content-text.ts";

describe("the text of an answer", () => {
  test.each([
    [{ content: [] }, ""],
    [
      {
        content: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ],
      },
      "a\nb",
    ],
    [{ content: [], structuredContent: { a: 1 } }, '{"a":1}'],
    [{ content: [{ type: "text", text: '{"a": 1}' }], structuredContent: { a: 1 } }, '{"a": 1}'],
    [
      { content: [{ type: "image", mimeType: "image/png", data: "AAAA" }] },
      "[image: image/png, 3 bytes]",
    ],
    [
      { content: [{ type: "audio", mimeType: "audio/wav", data: "AAA=" }] },
      "[audio: audio/wav, 2 bytes]",
    ],
    [
      {
        content: [{ type: "resource_link", uri: "file:///a.md", name: "a", description: "notes" }],
      },
      "[resource: file:///a.md, a, notes]",
    ],
    [{ content: [{ type: "resource", resource: { uri: "file:///a.md", text: "# A" } }] }, "# A"],
    [
      {
        content: [
          { type: "resource", resource: { uri: "file:///a", mimeType: "a/b", blob: "AA==" } },
        ],
      },
      "[resource: file:///a, a/b, 1 bytes]",
    ],
    [{ content: [{ type: "hologram", rays: 3 }] }, '{"type":"hologram","rays":3}'],
  ])("%j is read as %j", (output, text) => {
    expect(contentText(output)).toBe(text);
  });
});
