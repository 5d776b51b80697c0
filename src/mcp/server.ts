/** A server of the protocol, as its package makes it: one for each connection, all of them in front of the same service. */
import { ProtocolError, ProtocolErrorCode, Server } from "@modelcontextprotocol/server";
import { didYouMean } from "../core/suggest.ts";
import type { McpService } from "./service.ts";

/** Makes the servers of a service, whichever transport asks for them, and whichever revision of the protocol they speak. */
export function serverFactory(service: McpService): () => Server {
  return () => {
    const server = new Server(
      { name: "fanfold", version: service.version },
      { capabilities: { tools: {} }, instructions: service.instructions },
    );
    const tools = service.tools.map((tool) => ({ ...tool }));
    // The types of the package have no readonly lists.
    server.setRequestHandler("tools/list", () => ({ tools: tools as never }));
    server.setRequestHandler("tools/call", async ({ params }, { mcpReq }) => {
      const tool = service.tools.find(({ name }) => name === params.name);
      if (tool === undefined) {
        const names = service.tools.map(({ name }) => name);
        const text = `There is no tool "${params.name}"${didYouMean(params.name, names)}. The tools are: ${names.join(", ")}`;
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, text);
      }
      const { signal, notify } = mcpReq;
      const progressToken = mcpReq["_meta"]?.progressToken;
      const onProgress =
        progressToken === undefined
          ? undefined
          : (progress: object): void => {
              const message = {
                method: "notifications/progress",
                params: { progressToken, ...progress },
              };
              notify(message).catch(() => undefined); // Nobody listens any more.
            };
      const answer = await service.call(tool, params.arguments ?? {}, { signal, onProgress });
      return { ...answer };
    });
    return server;
  };
}
