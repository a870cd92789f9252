// Greenroom's own client beside the official one, behind a network that fails.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { heard, heardTimes } from "./lib/client.mjs";
import { everywhere, message, notebook, startBoth } from "./lib/compare.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { freePort } from "./lib/server.mjs";

let servers;

before(async () => (servers = await startBoth("interop")));
after(async () => {
  for (const server of Object.values(servers ?? {})) assert.equal(await server.stop(), 0, server.log());
});

/** Which of the two it is depends on where the transport was, not on the client. */
const abrupt = (reason) => (["transport close", "transport error"].includes(reason) ? "abrupt" : reason);

/** How the network fails: what the proxy does, and what the client is told. */
const FAILURES = {
  "a reset (RST)": { fail: (proxy) => proxy.unplug() },
  "an orderly end (FIN)": { fail: (proxy) => proxy.finish() },
  "half-open: only the client's end is reset": { fail: (proxy) => proxy.abandon() },
  "an answer that breaks off in its middle": {
    fail(proxy, socket) {
      proxy.cutNextAnswer();
      socket.emit("echo", "x".repeat(10_000), Buffer.alloc(1000));
    },
  },
  "a black hole": { fail: (proxy) => proxy.swallow(), reason: "ping timeout" },
};

for (const [failure, { fail, reason: expected = "abrupt" }] of Object.entries(FAILURES)) {
  test(`${failure}: noticed, what is emitted meanwhile waits, and the client comes back by itself`, { concurrency: true }, (t) =>
    everywhere(t, servers, async ({ t, socket, server }) => {
      const proxy = await startProxy(server.port);
      t.after(() => proxy.stop());
      const { notes, note } = notebook();
      const one = socket({ from: proxy.url, timeout: 1000 });
      const welcome = heard(one, "welcome");
      one.connect();
      await welcome;
      // The upgrade's moment is none of this test's business.
      if (one.io.engine.transport.name === "polling" && one.io.opts.transports.length > 1) await heard(one.io.engine, "upgrade");
      const first = one.id;
      one.on("disconnect", note("disconnect", (reason) => [abrupt(reason)]));
      one.io.on("close", note("close", (reason) => [abrupt(reason)]));
      one.io.on("reconnect", note("reconnect", (attempt) => [attempt > 0]));
      one.on("connect", note("connect"));
      const lost = one.emitWithAck("unknown").catch(message);
      const gone = heard(one, "disconnect");
      fail(proxy, one);
      const [reason] = await gone;
      assert.equal(abrupt(reason), expected);
      notes.push(await lost);
      assert.equal(one.active, true);
      const echoes = heardTimes(one, "echo", 3);
      for (const value of [1, Buffer.from("2"), 3]) one.emit("echo", value);
      const answer = one.emitWithAck("ack", "asked offline");
      proxy.plugIn();
      const heardAfter = await echoes;
      assert.notEqual(one.id, first);
      return { notes, echoes: heardAfter, answer: await answer };
    }));
}

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
