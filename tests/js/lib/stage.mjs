// Where a scene is played: one of the clients, one of the servers, and one of the transports.

import { io as official } from "socket.io-client";
import WebSocket from "ws";

import { io as greenroom } from "../../../framework/client/greenroom-client.esm.min.js";
import { client, connected } from "./client.mjs";
import { startProxy } from "./proxy.mjs";
import { heard } from "./scene.mjs";

// Node has one of its own from version 22 on.
globalThis.WebSocket ??= WebSocket;

export const CLIENTS = { official, greenroom };

/** What the tests do to a server for recovery, by a connection of its own; see the namespace `/ctl` there. */
export async function openSteering(server) {
  const socket = official(`${server.url}/ctl`, { transports: ["websocket"], forceNew: true });
  await heard(socket, "connect");
  return { steer: (event, what) => socket.emitWithAck(event, what), end: () => socket.disconnect() };
}

/**
 * `socket(options)` is a client that is not connected, `join(options)` one that is, `beside(one, nsp, options)` another
 * namespace of its connection, and `network()` a line to the server that can be made to fail; its `url` is for the option
 * `from`. `steer` is what the test does to the server itself.
 */
export function openStage(t, { client: name, server, mode }) {
  const socket = ({ at = "", from = server.url, mode: own = mode, ...options } = {}) =>
    client(t, from + at, { mode: own, io: CLIENTS[name], ...options });
  const beside = (one, nsp, options) => {
    const other = one.io.socket(nsp, options);
    t.after(() => other.disconnect());
    return other;
  };
  const join = async (options = {}) => {
    const one = socket(options);
    await connected(one, options.mode ?? mode);
    return one;
  };
  const network = async () => {
    const proxy = await startProxy(server.port);
    t.after(() => proxy.stop());
    return proxy;
  };
  return { mode, url: server.url, socket, beside, join, network, steer: server.steering?.steer };
}
