// A client, the official one unless another is given, and ways to wait for what it hears.

import { io as official } from "socket.io-client";

import { heard, heardTimes } from "./scene.mjs";

export { heard, heardTimes };

/** How a client may be told to connect, and the transport that it ends with. */
export const MODES = {
  polling: { options: { transports: ["polling"] }, ends: "polling" },
  websocket: { options: { transports: ["websocket"] }, ends: "websocket" },
  upgrade: { options: { transports: ["polling", "websocket"] }, ends: "websocket" },
};

/** Runs the scene in each mode, as tests of their own. */
export async function inEachMode(t, scene) {
  // Together, when the test around them has `concurrency`; otherwise they wait for each other.
  await Promise.all(Object.keys(MODES).map((mode) => t.test(mode, (each) => scene(each, mode))));
}

/** A client that has not connected yet, and goes when the test ends. */
export function client(t, url, { mode = "upgrade", io = official, ...options } = {}) {
  const socket = io(url, {
    forceNew: true,
    autoConnect: false,
    reconnectionDelay: 20,
    reconnectionDelayMax: 100,
    ...MODES[mode].options,
    ...options,
  });
  t.after(() => socket.disconnect());
  return socket;
}

/** Connects a client, and waits until it is on the transport that it ends with; what the server welcomed it with. */
export async function connected(socket, mode = "upgrade") {
  const welcome = heard(socket, "welcome");
  const ends = MODES[mode].ends;
  const refused = new Promise((_, reject) => socket.once("connect_error", reject));
  socket.connect();
  const [greeting] = await Promise.race([welcome, refused]);
  refused.catch(() => {});
  if (socket.io.engine.transport.name !== ends) await heard(socket.io.engine, "upgrade");
  return greeting;
}

/** A connected client. */
export async function join(t, url, { mode = "upgrade", ...options } = {}) {
  const socket = client(t, url, { mode, ...options });
  await connected(socket, mode);
  return socket;
}

/**
 * Resets the client's connections until it has noticed, and then lets it come back; why it thinks it was disconnected.
 *
 * A single reset could fall between two polls, when there is nothing to reset.
 */
export async function lose(socket, proxy) {
  const gone = heard(socket, "disconnect");
  proxy.unplug();
  const [reason] = await gone;
  proxy.plugIn();
  return reason;
}
