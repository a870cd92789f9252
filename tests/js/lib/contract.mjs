// The contract that the chat's page was built for.

import { readFileSync } from "node:fs";

const script = readFileSync(new URL("../../../examples/chat/static/contract.js", import.meta.url), "utf8");

// Read, not imported: Node before 22 takes a file that no package.json calls a module for none.
export const [, CONTRACT] = script.match(/export const CONTRACT = "([0-9a-f]{16})";/);
