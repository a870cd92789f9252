// Greenroom's own client beside the official one, behind a network that fails: its attempts, and when it gives up. How it comes
// back is in contracts.test.mjs.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { heard } from "./lib/client.mjs";
import { everywhere, notebook, startBoth } from "./lib/compare.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { abrupt } from "./lib/scene.mjs";
import { freePort } from "./lib/server.mjs";

let servers;

before(async () => (servers = await startBoth("interop")));
after(async () => {
  for (const server of Object.values(servers ?? {})) assert.equal(await server.stop(), 0, server.log());
});

test("attempts are counted, announced on the manager and given up", (t) =>
  everywhere(t, servers, async ({ socket }) => {
    const { notes, note } = notebook();
    const port = await freePort();
    const one = socket({ from: `http://127.0.0.1:${port}`, reconnectionAttempts: 3, reconnectionDelay: 1, reconnectionDelayMax: 5 });
    for (const event of ["reconnect_attempt", "reconnect_failed"]) one.io.on(event, note(event));
    for (const event of ["error", "reconnect_error"]) one.io.on(event, note(event, (error) => [error instanceof Error]));
    one.on("connect_error", note("connect_error", (error) => [error instanceof Error]));
    const failed = heard(one.io, "reconnect_failed");
    one.connect();
    await failed;
    return [notes, one.active];
  }, { against: ["with Node"] }));

test("without reconnection a lost client stays away until it is told to connect", (t) =>
  everywhere(t, servers, async ({ t, socket, server }) => {
    const proxy = await startProxy(server.port);
    t.after(() => proxy.stop());
    const one = socket({ from: proxy.url, reconnection: false });
    const first = heard(one, "welcome");
    one.connect();
    await first;
    const gone = heard(one, "disconnect");
    proxy.unplug();
    const [reason] = await gone;
    proxy.plugIn();
    const again = heard(one, "welcome");
    one.connect();
    await again;
    return [abrupt(reason), await one.emitWithAck("ack", "fine")];
    // Node's `fetch` may take a connection from its pool that it does not know to be dead, and this client tries just once.
  }, { modes: ["websocket"] }));

test("closed while it waits for its next attempt, a client makes none", (t) =>
  everywhere(t, servers, async ({ socket }) => {
    const { notes, note } = notebook();
    const one = socket({ from: `http://127.0.0.1:${await freePort()}`, reconnectionDelay: 30, reconnectionDelayMax: 30 });
    const failed = heard(one, "connect_error");
    one.connect();
    await failed;
    one.io.on("reconnect_attempt", note("attempt"));
    one.close();
    // Longer than the attempt would have waited: this is what must not happen.
    await new Promise((resolve) => setTimeout(resolve, 60));
    return [notes, one.active];
  }, { against: ["with Node"], modes: ["websocket", "polling"] }));

test("a server that accepts and says nothing is given up after `timeout`", (t) =>
  everywhere(t, servers, async ({ t, socket, server }) => {
    const proxy = await startProxy(server.port);
    t.after(() => proxy.stop());
    proxy.swallow();
    const one = socket({ from: proxy.url, timeout: 50, reconnection: false });
    const failed = heard(one, "connect_error");
    one.connect();
    return [(await failed)[0].message, one.connected];
  }, { against: ["with Node"] }));

test("the events of reconnection are heard on the socket too, as Greenroom's notes use them", async (t) => {
  // The official client has them on its manager alone.
  const proxy = await startProxy(servers["with greenroom"].port);
  t.after(() => proxy.stop());
  const { io } = await import("../../framework/client/greenroom-client.esm.min.js");
  const socket = io(proxy.url, {
    reconnection: true, reconnectionAttempts: 5, connectionStateRecovery: {}, reconnectionDelay: 20, forceNew: true, autoConnect: false,
  });
  t.after(() => socket.close());
  socket.auth = { token: "secret" };
  const welcome = heard(socket, "welcome");
  socket.connect();
  assert.deepEqual((await welcome)[0].auth, { token: "secret" });
  const [attempt, back] = [heard(socket, "reconnect_attempt"), heard(socket, "reconnect")];
  const gone = heard(socket, "disconnect");
  proxy.unplug();
  await gone;
  assert.deepEqual(await attempt, [1]);
  proxy.plugIn();
  assert.ok((await back)[0] >= 1);
});
