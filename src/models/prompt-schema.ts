/** The arguments of an agent that is a tool: one text. Written out, so that it needs no library of schemas. */
import type { StandardSchema } from "../tools/standard-schema.ts";

/** What the calling model hands over. */
export const promptSchema: StandardSchema<{ readonly prompt: string }> = {
  "~standard": {
    version: 1,
    vendor: "fanfold",
    validate: (value) => {
      const prompt: unknown = (value as { readonly prompt?: unknown } | null)?.prompt;
      return typeof prompt === "string" && prompt !== ""
        ? { value: { prompt } }
        : { issues: [{ message: "must be a text", path: ["prompt"] }] };
    },
    jsonSchema: {
      input: () => ({
        type: "object",
        properties: {
          prompt: {
            type: "string",
            description:
              "The whole task, as the one who gets it knows nothing of this conversation.",
          },
        },
        required: ["prompt"],
      }),
    },
  },
};
