// `fanfold mcp` with the newer client, in both revisions of the protocol that it speaks.
import { mcpLaws } from "../support/mcp-laws.ts";
import { newerClient } from "../support/newer-client.ts";

mcpLaws("client 2.x, protocol of 2026", newerClient("auto"));
mcpLaws("client 2.x, protocol of 2025", newerClient("legacy"));
