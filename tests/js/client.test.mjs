// The official client, unmodified, against the server `interop`. What its events do: tests/servers/src/bin/interop.rs.

import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { after, before, test } from "node:test";

import { client, connected, heard, heardTimes, inEachMode, join, lose, MODES } from "./lib/client.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { freePort, startServer } from "./lib/server.mjs";

let server;

before(async () => (server = await startServer("interop")));

after(async () => {
  const code = await server?.stop();
  assert.equal(code, 0, server?.log());
  assert.doesNotMatch(server.log(), /panicked/);
});

/** A proxy before the server, for one test. */
async function badNetwork(t) {
  const proxy = await startProxy(server.port);
  t.after(() => proxy.stop());
  return proxy;
}

/** Somebody who hears `left` when the socket with this id has gone. */
async function observer(t, id) {
  const watcher = await join(t, server.url, { mode: "websocket" });
  assert.equal(await watcher.emitWithAck("join", `watch:${id}`), "joined");
  return watcher;
}

const numbers = (from, to) => Array.from({ length: to - from }, (_, i) => from + i);
const ABRUPT = ["transport close", "transport error"];

// ---------------------------------------------------------------- connecting

// Rows: CLI-01, CLI-02, CLI-03, TRN-10, TRN-11, TRN-12, TRN-16
test("a client ends on the transport that it asks for", (t) =>
  inEachMode(t, async (t, mode) => {
    const socket = client(t, server.url, { mode });
    const welcome = await connected(socket, mode);
    assert.equal(welcome.sid, socket.id);
    assert.deepEqual(welcome.auth, {});
    assert.equal(await socket.emitWithAck("transport", null), MODES[mode].ends);
  }));

// Rows: CLI-03
test("a client that declines the upgrade stays on polling", async (t) => {
  const socket = client(t, server.url, { upgrade: false });
  await connected(socket, "polling");
  assert.equal(await socket.emitWithAck("transport", null), "polling");
});

// Rows: CLI-07, MID-10
test("a refused client learns why, stays away, and may come with better papers", (t) =>
  inEachMode(t, async (t, mode) => {
    const socket = client(t, `${server.url}/private`, { mode, auth: { token: "wrong" } });
    const refusal = heard(socket, "connect_error");
    socket.connect();
    const [error] = await refusal;
    assert.equal(error.message, "not authorized");
    assert.deepEqual(error.data, { code: "E_AUTH" });
    assert.equal(socket.active, false);

    socket.auth = { token: "secret" };
    const welcome = await connected(socket, mode);
    assert.deepEqual(welcome.auth, { token: "secret" });
  }));

// Rows: CLI-07
test("an auth function is asked again at every connection", (t) =>
  inEachMode(t, async (t, mode) => {
    const proxy = await badNetwork(t);
    let times = 0;
    const socket = client(t, proxy.url, { mode, auth: (answer) => answer({ times: (times += 1) }) });
    assert.deepEqual((await connected(socket, mode)).auth, { times: 1 });
    const again = heard(socket, "welcome");
    await lose(socket, proxy);
    // An attempt that met the reset asked too.
    const [{ auth }] = await again;
    assert.deepEqual(auth, { times });
    assert.ok(times > 1);
  }));

// Rows: CLI-08
test("the query and extra headers reach the handshake, and do no harm", (t) =>
  inEachMode(t, async (t, mode) => {
    const socket = client(t, server.url, {
      mode,
      query: { token: "a b&c=d/é" },
      extraHeaders: { "x-from": "a test" },
      timestampRequests: true,
      timestampParam: "now",
      withCredentials: true,
    });
    assert.equal((await connected(socket, mode)).token, "a b&c=d/é");
  }));

// Rows: CLI-08
test("a client that offers WebSocket protocols is given the first", (t) =>
  inEachMode(t, async (t, mode) => {
    const socket = client(t, server.url, { mode, protocols: ["first", "second"] });
    await connected(socket, mode);
    if (mode !== "polling") assert.equal(socket.io.engine.transport.ws.protocol, "first");
  }));

// Rows: HND-06, PAR-31
test("a client of protocol revision 3 is refused", async () => {
  const answer = await fetch(`${server.url}/socket.io/?EIO=3&transport=polling`);
  assert.equal(answer.status, 400);
  assert.deepEqual(await answer.json(), { code: 5, message: "Unsupported protocol version" });

  const upgrade = http.get(`${server.url}/socket.io/?EIO=3&transport=websocket`, {
    headers: {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
    },
  });
  const [refusal] = await once(upgrade, "response");
  refusal.resume();
  assert.equal(refusal.statusCode, 400);
});

// ---------------------------------------------------------------- events

const VALUES = [
  null, true, false, 0, -1, 1.5, -2.5e-10, 1e21, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER,
  "", "text", "\0 \n \" \\ \u2028", "👩‍🚀 Ä ß 日本", "_placeholder", [], [[], [null]], {},
  { "": 0, a: { b: [{ c: "d" }] }, "key with spaces": "é" }, { _placeholder: false, num: 0 },
];

// Rows: DLV-01
test("values of every JSON type come back as they were, in order", (t) =>
  inEachMode(t, async (t, mode) => {
    const socket = await join(t, server.url, { mode });
    const echoes = heardTimes(socket, "echo", VALUES.length + 2);
    for (const value of VALUES) socket.emit("echo", value);
    socket.emit("echo");
    socket.emit("echo", ...VALUES);
    assert.deepEqual(await echoes, [...VALUES.map((value) => [value]), [], VALUES]);
  }));

// Rows: DLV-01, TRN-01, TRN-02, TRN-03
test("binary goes both ways, nested, empty, and in its place among the texts", (t) =>
  inEachMode(t, async (t, mode) => {
    const socket = await join(t, server.url, { mode });
    const bytes = Buffer.from(numbers(0, 256));
    const events = [
      [bytes],
      ["between"],
      [Buffer.alloc(0)],
      [{ deep: [{ down: bytes }, "text", Buffer.from("second")], none: null }, 7, Buffer.from("third")],
      ["last"],
      [Buffer.alloc(100_000, 7)],
    ];
    const echoes = heardTimes(socket, "echo", events.length);
    for (const args of events) socket.emit("echo", ...args);
    assert.deepEqual(await echoes, events);
  }));

// Rows: DLV-01, TRN-10, TRN-11, TRN-12, TRN-14
test("a thousand events each way keep their order across the upgrade", async (t) => {
  const proxy = await badNetwork(t);
  // Enough that the upgrade takes a while, during which events are under way on both transports.
  proxy.delay(15);
  const socket = client(t, proxy.url);
  const neighbour = await join(t, server.url, { mode: "websocket" });
  const COUNT = 1000;
  const echoed = heardTimes(socket, "echo", COUNT);
  const shouted = heardTimes(socket, "shouted", COUNT);

  let upgraded = false;
  const before = { sent: 0, heard: 0 };
  socket.on("shouted", () => (before.heard += upgraded ? 0 : 1));
  const start = heard(socket, "connect");
  socket.connect();
  await start;
  socket.io.engine.once("upgrade", () => (upgraded = true));
  assert.equal(socket.io.engine.transport.name, "polling");

  const send = (n) => {
    socket.emit("echo", n);
    neighbour.emit("shout", n);
  };
  // The last third only after the upgrade; what comes before is spread over the time until then.
  for (let n = 0; n < COUNT; n += 1) {
    if (n === 667 && !upgraded) await heard(socket.io.engine, "upgrade");
    if (!upgraded) before.sent += 1;
    send(n);
    if (n % 10 === 9) await new Promise((resolve) => setImmediate(resolve));
    // An answer to what went by polling, with the upgrade still under way.
    if (n === 333 && !upgraded) await Promise.race([heard(socket, "echo"), heard(socket.io.engine, "upgrade")]);
  }
  assert.deepEqual((await echoed).flat(), numbers(0, COUNT));
  assert.deepEqual((await shouted).flat(), numbers(0, COUNT));
  assert.equal(await socket.emitWithAck("transport", null), "websocket");
  assert.ok(before.sent > 0 && before.sent < COUNT, `${before.sent} were sent before the upgrade`);
});

// Rows: DLV-01, TRN-10, TRN-14
test("events that overtake a slow WebSocket by polling keep their order", async (t) => {
  const proxy = await badNetwork(t);
  proxy.delay(30);
  // Only the new transport is slow: what goes by polling meanwhile is answered long before the switch.
  const transportOptions = { websocket: { port: Number(new URL(proxy.url).port) } };
  await Promise.all(
    numbers(0, 4).map(async () => {
      const socket = client(t, server.url, { transportOptions });
      const [transports, values] = [[], []];
      let sent = 0;
      const send = () => sent < 1000 && socket.emit("echo", sent++);
      const all = new Promise((resolve) => {
        socket.on("echo", (n) => {
          transports.push(socket.io.engine.transport.name);
          if (values.push(n) === 1000) return resolve();
          // The last third is held back until the switch is done.
          if (sent < 700 || transports.at(-1) === "websocket") send();
        });
      });
      socket.io.once("open", () => socket.io.engine.once("upgrade", () => numbers(0, 40).forEach(send)));
      socket.connect();
      for (const _ of numbers(0, 40)) send();
      await Promise.race([all, heard(socket, "disconnect")]);
      assert.deepEqual(values, numbers(0, 1000));
      assert.deepEqual([transports[0], transports.at(-1)], ["polling", "websocket"]);
    }),
  );
});

// Rows: TRN-14
test("a WebSocket that breaks while it is probed harms nothing", async (t) => {
  const proxy = await badNetwork(t);
  proxy.delay(30);
  const socket = client(t, server.url, { transportOptions: { websocket: { port: Number(new URL(proxy.url).port) } } });
  const echoes = heardTimes(socket, "echo", 300);
  const failed = new Promise((resolve) => socket.io.once("open", () => socket.io.engine.once("upgradeError", resolve)));
  const welcome = heard(socket, "welcome");
  socket.connect();
  for (const n of numbers(0, 150)) socket.emit("echo", n);
  await welcome;
  proxy.unplug();
  await failed;
  for (const n of numbers(150, 300)) socket.emit("echo", n);
  assert.deepEqual((await echoes).flat(), numbers(0, 300));
  assert.equal(await socket.emitWithAck("transport", null), "polling");
});

// Rows: CLI-02
test("a client that tries WebSocket first falls back to polling when it may", async (t) => {
  const socket = client(t, server.url, {
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    upgrade: false,
    transportOptions: { websocket: { path: "/not-here/" } },
  });
  const welcome = heard(socket, "welcome");
  socket.connect();
  await welcome;
  assert.equal(await socket.emitWithAck("transport", null), "polling");
});

// Rows: CLI-03
test("a client that remembers its upgrade starts with WebSocket the next time", async (t) => {
  const socket = await join(t, server.url, { rememberUpgrade: true });
  const welcome = heard(socket, "welcome");
  socket.disconnect().connect();
  await welcome;
  assert.equal(socket.io.engine.transport.name, "websocket");
});

// Rows: CLI-10, ENG-08
test("what waits is split over several posts that fit the server's limit", async (t) => {
  const proxy = await badNetwork(t);
  const socket = await join(t, proxy.url, { mode: "polling" });
  const session = socket.io.engine.id;
  proxy.posts.length = 0;
  const line = "x".repeat(100_000);
  const answers = await Promise.all(numbers(0, 30).map(() => socket.emitWithAck("transport", line)));
  assert.deepEqual(answers, Array(30).fill("polling"));
  assert.equal(socket.io.engine.id, session);
  assert.ok(proxy.posts.length >= 4, `3 MB in ${proxy.posts.length} posts`);
  assert.ok(Math.max(...proxy.posts) <= 1_000_000, `a post of ${Math.max(...proxy.posts)} bytes`);
});

// Rows: TRN-22, ENG-08
test("an event above the limit ends the connection, and the client comes back", (t) =>
  inEachMode(t, async (t, mode) => {
    const socket = await join(t, server.url, { mode });
    const first = socket.id;
    const left = heard(await observer(t, first), "left");
    const gone = heard(socket, "disconnect");
    const again = heard(socket, "connect");
    socket.emit("echo", "x".repeat(1_000_001));
    const [reason] = await gone;
    assert.ok(ABRUPT.includes(reason), reason);
    await again;
    assert.notEqual(socket.id, first);
    assert.deepEqual(await socket.emitWithAck("ack", "fine"), "fine");
    assert.deepEqual((await left)[0], { sid: first, reason: "transport error" });
  }));

// ---------------------------------------------------------------- acknowledgements

// Rows: ACK-02, ACK-03
test("the server acknowledges, each event its own", (t) =>
  inEachMode(t, async (t, mode) => {
    const socket = await join(t, server.url, { mode });
    const all = await Promise.all(numbers(0, 50).map((n) => socket.emitWithAck("ack", n)));
    assert.deepEqual(all, numbers(0, 50));
    const several = await new Promise((resolve) => socket.emit("ack", 1, "two", { three: 3 }, (...args) => resolve(args)));
    assert.deepEqual(several, [1, "two", { three: 3 }]);
    const none = await new Promise((resolve) => socket.emit("ack", (...args) => resolve(args)));
    assert.deepEqual(none, []);
    const binary = await socket.emitWithAck("ack", { deep: [Buffer.from("one"), Buffer.alloc(0)] });
    assert.deepEqual(binary, { deep: [Buffer.from("one"), Buffer.alloc(0)] });
  }));

// Rows: ACK-01, ACK-04
test("the client acknowledges, with all its arguments, and only the first time", (t) =>
  inEachMode(t, async (t, mode) => {
    const socket = await join(t, server.url, { mode });
    socket.on("question", (value, answer) => {
      answer("you asked", value, Buffer.from("bytes"));
      answer("too much");
    });
    const answers = heardTimes(socket, "answer", 2);
    socket.emit("ask", "first");
    socket.emit("ask", { second: Buffer.from([2]) });
    assert.deepEqual(await answers, [
      ["you asked", "first", Buffer.from("bytes")],
      ["you asked", { second: Buffer.from([2]) }, Buffer.from("bytes")],
    ]);
  }));

// Rows: ACK-07
test("a client that waits for nobody's answer is told when its time is over", (t) =>
  inEachMode(t, async (t, mode) => {
    const socket = await join(t, server.url, { mode });
    await assert.rejects(socket.timeout(50).emitWithAck("nobody listens to this", 1), /operation has timed out/);
    assert.equal(await socket.timeout(10_000).emitWithAck("ack", "here"), "here");
  }));

// Rows: ACK-19
test("an answer that is still missing at the disconnection fails", (t) =>
  inEachMode(t, async (t, mode) => {
    const socket = await join(t, server.url, { mode });
    const answer = socket.timeout(3000).emitWithAck("nobody listens to this", 1);
    const failure = assert.rejects(answer, /socket has been disconnected/);
    socket.emit("kick", false);
    await failure;
  }));

// ---------------------------------------------------------------- namespaces and rooms

// Rows: CLI-06, DIS-05, DIS-16, SOC-16
test("two namespaces share a connection, and each is left by itself", (t) =>
  inEachMode(t, async (t, mode) => {
    const main = await join(t, server.url, { mode });
    const other = main.io.socket("/private", { auth: { token: "secret" } });
    t.after(() => other.disconnect());
    const [welcome] = await Promise.all([heard(other, "welcome"), other.connect()]);
    assert.equal(welcome[0].sid, other.id);
    assert.notEqual(other.id, main.id);

    const echoes = Promise.all([heard(main, "echo"), heard(other, "echo")]);
    main.emit("echo", "for /");
    other.emit("echo", Buffer.from("for /private"));
    assert.deepEqual(await echoes, [["for /"], [Buffer.from("for /private")]]);

    const left = heard(await observer(t, main.id), "left");
    const { id } = main;
    const gone = heard(main, "disconnect");
    main.disconnect();
    assert.equal((await gone)[0], "io client disconnect");
    assert.deepEqual((await left)[0], { sid: id, reason: "client namespace disconnect" });
    assert.equal(await other.emitWithAck("ack", "still here"), "still here");

    const closed = heard(main.io, "close");
    other.disconnect();
    await closed;
  }));

// Rows: DLV-01
test("a room's three clients, one of them polling, hear what is said in it, once and in order", async (t) => {
  const [ada, bo, cleo] = await Promise.all(
    ["upgrade", "polling", "websocket"].map((mode) => join(t, server.url, { mode })),
  );
  const stranger = await join(t, server.url);
  const overheard = [];
  stranger.on("said", (...args) => overheard.push(args));
  for (const socket of [ada, bo, cleo]) assert.equal(await socket.emitWithAck("join", "stage"), "joined");

  const heardByBo = heardTimes(bo, "said", 22);
  const heardByCleo = heardTimes(cleo, "said", 22);
  const heardByAda = heardTimes(ada, "said", 1);
  for (const n of numbers(0, 20)) ada.emit("say", "stage", n);
  ada.emit("say", "stage", { picture: Buffer.from([1, 2, 3]) });
  ada.emit("say-all", "stage", "to all");
  const said = [...numbers(0, 20).map((n) => [n]), [{ picture: Buffer.from([1, 2, 3]) }], ["to all"]];
  assert.deepEqual(await heardByBo, said);
  assert.deepEqual(await heardByCleo, said);
  assert.deepEqual(await heardByAda, [["to all"]]);

  assert.equal(await cleo.emitWithAck("leave", "stage"), "left");
  cleo.on("said", (...args) => overheard.push(args));
  const next = heard(bo, "said");
  ada.emit("say", "stage", "without Cleo");
  assert.deepEqual(await next, ["without Cleo"]);

  // The shout comes behind whatever they would have heard before it.
  const everybody = [ada, bo, cleo, stranger].map((socket) => heard(socket, "shouted"));
  ada.emit("shout", "the end");
  assert.deepEqual(await Promise.all(everybody), Array(4).fill(["the end"]));
  assert.deepEqual(overheard, []);
});

// ---------------------------------------------------------------- the end of a connection

for (const [hard, what] of [[false, "leaves one namespace"], [true, "closes the connection"]]) {
  // Rows: DIS-04, DIS-14, DIS-15
  test(`a client whom the server disconnects does not come back: ${what}`, (t) =>
    inEachMode(t, async (t, mode) => {
      const proxy = await badNetwork(t);
      const socket = await join(t, proxy.url, { mode });
      const other = socket.io.socket("/private", { auth: { token: "secret" } });
      t.after(() => other.disconnect());
      await Promise.all([heard(other, "welcome"), other.connect()]);
      const neighbour = await join(t, proxy.url, { mode });
      const left = heard(await observer(t, socket.id), "left");
      const { id } = socket;

      const gone = heard(socket, "disconnect");
      const otherGone = hard ? heard(other, "disconnect") : undefined;
      socket.emit("kick", hard);
      assert.equal((await gone)[0], "io server disconnect");
      assert.deepEqual((await left)[0], { sid: id, reason: "server namespace disconnect" });
      assert.equal(socket.active, false);
      if (hard) assert.equal((await otherGone)[0], "io server disconnect");
      else assert.equal(await other.emitWithAck("ack", "still here"), "still here");

      // Those who were not sent away come back from a cut; when they have, the others had their chance too.
      const back = [neighbour, ...(hard ? [] : [other])].map((stays) => heard(stays, "connect"));
      await lose(neighbour, proxy);
      await Promise.all(back);
      assert.equal(socket.connected, false);
      assert.equal(other.connected, !hard);
    }));
}

// Rows: CLI-04, CLI-09, DIS-08, DIS-15
test("a client comes back by itself after its connections were reset", (t) =>
  inEachMode(t, async (t, mode) => {
    const proxy = await badNetwork(t);
    const socket = await join(t, proxy.url, { mode });
    const first = socket.id;
    const left = heard(await observer(t, first), "left");
    const [reconnected, again] = [heard(socket.io, "reconnect"), heard(socket, "welcome")];
    const reason = await lose(socket, proxy);
    assert.ok(ABRUPT.includes(reason), reason);
    await reconnected;
    assert.equal((await again)[0].sid, socket.id);
    assert.notEqual(socket.id, first);
    assert.equal(await socket.emitWithAck("ack", "fine"), "fine");
    const [{ sid, reason: seen }] = await left;
    assert.equal(sid, first);
    // A poll that is reset says nothing of the session, which may then end by its heartbeat.
    assert.ok([...ABRUPT, ...(mode === "polling" ? ["ping timeout"] : [])].includes(seen), seen);
  }));

// Rows: CLI-04, DIS-07, DIS-15, ENG-06, TRN-08, TRN-09
test("both sides notice a connection that swallows everything, and the client comes back", { concurrency: true }, (t) =>
  inEachMode(t, async (t, mode) => {
    const proxy = await badNetwork(t);
    const socket = await join(t, proxy.url, { mode, timeout: 1000 });
    const first = socket.id;
    const left = heard(await observer(t, first), "left");
    const gone = heard(socket, "disconnect");
    const again = heard(socket, "welcome");
    proxy.swallow();
    assert.equal((await gone)[0], "ping timeout");
    proxy.plugIn();
    assert.equal((await again)[0].sid, socket.id);
    assert.notEqual(socket.id, first);
    assert.equal(await socket.emitWithAck("ack", "fine"), "fine");
    assert.deepEqual((await left)[0], { sid: first, reason: "ping timeout" });
  }));

// Rows: ENG-05, TRN-06
test("a quiet connection outlives many heartbeats", { concurrency: true }, (t) =>
  inEachMode(t, async (t, mode) => {
    const socket = await join(t, server.url, { mode });
    const { id } = socket;
    await heardTimes(socket.io, "ping", 4);
    assert.equal(await socket.emitWithAck("ack", "fine"), "fine");
    assert.equal(socket.id, id);
  }));

// Rows: DIS-18, CLI-04
test("clients see the server go, and come back to its successor", (t) =>
  inEachMode(t, async (t, mode) => {
    const port = await freePort();
    const first = await startServer("interop", { port });
    const socket = await join(t, first.url, { mode });
    const { id } = socket;
    const gone = heard(socket, "disconnect");
    assert.equal(await first.stop(), 0, first.log());
    const [reason] = await gone;
    assert.ok(mode === "polling" ? ABRUPT.includes(reason) : reason === "transport close", reason);

    const again = heard(socket, "welcome");
    const second = await startServer("interop", { port });
    t.after(() => second.stop());
    assert.equal((await again)[0].sid, socket.id);
    assert.notEqual(socket.id, id);
  }));

// ---------------------------------------------------------------- what is sent meanwhile

// Rows: DLV-03, CSR-37
test("what is emitted while offline arrives in order at the reconnection", (t) =>
  inEachMode(t, async (t, mode) => {
    const proxy = await badNetwork(t);
    const socket = await join(t, proxy.url, { mode });
    const gone = heard(socket, "disconnect");
    proxy.unplug();
    await gone;
    const echoes = heardTimes(socket, "echo", 21);
    for (const n of numbers(0, 10)) socket.emit("echo", n);
    socket.emit("echo", Buffer.from("bytes"));
    for (const n of numbers(10, 20)) socket.emit("echo", n);
    const answer = socket.emitWithAck("ack", "asked offline");
    proxy.plugIn();
    const expected = [...numbers(0, 10), Buffer.from("bytes"), ...numbers(10, 20)];
    assert.deepEqual((await echoes).flat(), expected);
    assert.equal(await answer, "asked offline");
  }));

// Rows: EVT-22
test("a volatile event arrives when the connection is there to take it", (t) =>
  inEachMode(t, async (t, mode) => {
    const socket = await join(t, server.url, { mode });
    // An answered event leaves the polling client with nothing under way that a volatile event would have to wait for.
    await socket.emitWithAck("ack", 1);
    while (!socket.io.engine.transport.writable) await heard(socket.io.engine, "drain");
    const echo = heard(socket, "echo");
    socket.volatile.emit("echo", "now or never");
    assert.deepEqual(await echo, ["now or never"]);
  }));

// Rows: CLI-11, DLV-05
test("with retries each event is answered, in order, although the connection is cut again and again", (t) =>
  inEachMode(t, async (t, mode) => {
    const proxy = await badNetwork(t);
    const socket = await join(t, proxy.url, { mode, retries: 20, ackTimeout: 2000 });
    const COUNT = 30;
    const answered = [];
    await new Promise((resolve, reject) => {
      for (const n of numbers(0, COUNT)) {
        socket.emit("ack", n, (error, value) => {
          if (error) return reject(error);
          answered.push(value);
          if (value % 8 === 7) lose(socket, proxy).catch(reject);
          if (answered.length === COUNT) resolve();
        });
      }
    });
    assert.deepEqual(answered, numbers(0, COUNT));
  }));

// Rows: CLI-11
test("with retries an event that nobody answers is sent again, and then given up", async (t) => {
  const socket = await join(t, server.url, { retries: 2, ackTimeout: 50 });
  let sent = 0;
  socket.onAnyOutgoing((event) => (sent += event === "nobody listens to this" ? 1 : 0));
  await assert.rejects(new Promise((resolve, reject) => {
    socket.emit("nobody listens to this", 1, (error) => (error ? reject(error) : resolve()));
  }), /operation has timed out/);
  assert.equal(sent, 3);
});
