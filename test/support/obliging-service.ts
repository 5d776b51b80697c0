/** A service for any program: it calls every tool once, and answers in whatever shape it is asked for. */
import type { Answer, ServerRequest } from "../models/model-server.ts";

type Schema = Readonly<Record<string, unknown>>;

/** What it answers to a request: calls as long as there are tools and no results, else data where there is a schema, else a text. */
export function obliging({ body }: ServerRequest): Answer {
  const usage = { inputTokens: 100, outputTokens: 10 };
  const messages = body["messages"] as readonly { readonly role: string }[];
  const tools = (body["tools"] ?? []) as readonly {
    readonly function: { readonly name: string; readonly parameters: Schema };
  }[];
  if (tools.length > 0 && messages.every(({ role }) => role !== "tool")) {
    const toolCalls = tools.map(({ function: { name, parameters } }, index) => ({
      id: `call-${index}`,
      name,
      inputText: JSON.stringify(example(parameters)),
    }));
    return { toolCalls, usage };
  }
  const format = body["response_format"] as
    | { readonly json_schema?: { readonly schema: Schema } }
    | undefined;
  const schema = format?.json_schema?.schema;
  return { text: [schema === undefined ? "A text." : JSON.stringify(example(schema))], usage };
}

/** The plainest value that fits a JSON Schema. */
function example(schema: Schema): unknown {
  const {
    enum: options,
    anyOf,
    type,
  } = schema as {
    readonly enum?: readonly unknown[];
    readonly anyOf?: readonly Schema[];
    readonly type?: string;
  };
  if (options !== undefined) return options[0];
  if (anyOf !== undefined) return example(anyOf[0] ?? {});
  switch (type) {
    case "object": {
      const properties = Object.entries((schema["properties"] ?? {}) as Record<string, Schema>);
      return Object.fromEntries(properties.map(([name, inner]) => [name, example(inner)]));
    }
    case "array":
      return [example((schema["items"] ?? {}) as Schema)];
    case "number":
    case "integer":
      return schema["maximum"] ?? 1;
    case "boolean":
      return true;
    default:
      return "a text";
  }
}
