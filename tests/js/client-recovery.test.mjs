// Recovery of a session by Greenroom's own client beside the official one, on the server `recovery`
// (servers/recovery.mjs is Node's).

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";

import { heard, heardTimes } from "./lib/client.mjs";
import { everywhere, notebook } from "./lib/compare.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { startServer } from "./lib/server.mjs";

const servers = {};

before(async () => {
  servers["with Node"] = await startServer("recovery", { node: true });
  const ours = await startServer("recovery").catch((error) => {
    if (error.code !== "ENOENT") throw error;
    // Loud, and no failure: these scenes are about the client.
    console.error(`NOT RUN with greenroom: it has no server that recovers yet (${error.message})`);
  });
  if (ours) servers["with greenroom"] = ours;
});
after(async () => {
  for (const server of Object.values(servers)) assert.equal(await server.stop(), 0, server.log());
});

const CUTS = {
  "the engine closes": (_, socket) => socket.io.engine.close(),
  "a reset": (proxy) => proxy.unplug(),
  "an orderly end": (proxy) => proxy.finish(),
  "an answer that breaks off": (proxy) => proxy.cutNextAnswer(),
};

/** A connected client in a room of its own behind a proxy, and one that steers the server. */
async function scene({ t, socket, server, at = "", ...options }) {
  const proxy = await startProxy(server.port);
  t.after(() => proxy.stop());
  const steer = socket({ at: "/ctl", transports: ["websocket"] });
  const one = socket({ from: proxy.url, at, ...options });
  for (const each of [steer, one]) {
    const connect = heard(each, "connect");
    each.connect();
    await connect;
  }
  if (one.io.engine.transport.name === "polling" && one.io.opts.transports.length > 1) await heard(one.io.engine, "upgrade");
  const room = randomUUID();
  await one.emitWithAck("join", room);
  const send = (event, ...args) => steer.emitWithAck("send", { nsp: one.nsp, to: room, event, args, volatile: false });
  // Without an event, which has an offset, there is nothing to come back with.
  const first = heard(one, "news");
  await send("news", "first");
  await first;
  return { proxy, one, steer, room, send };
}

/** What comes with each event is its offset; it differs. */
const withoutOffset = (args) => {
  assert.equal(typeof args.at(-1), "string");
  return args.slice(0, -1);
};

for (const [name, cut] of Object.entries(CUTS)) {
  for (const at of ["", "/second"]) {
    test(`${name}${at && ` in ${at}`}: the session comes back with what it missed, once and in order`, { concurrency: true }, (t) =>
      everywhere(t, servers, async (stage) => {
        const { proxy, one, steer, room, send } = await scene({ ...stage, at });
        const { notes, note } = notebook();
        const { id } = one;
        one.on("connect", note("connect", () => [one.recovered]));
        one.on("news", note("news", (...args) => withoutOffset(args)));
        const gone = heard(one, "disconnect");
        cut(proxy, one);
        if (name.startsWith("an answer")) await send("never mind");
        await gone;
        // Until the server knows too, Node's cannot recover it; a client that nothing keeps away may be back already.
        while (!one.connected && (await steer.emitWithAck("sockets", one.nsp)).includes(id)) await new Promise(setImmediate);
        const back = heard(one, "connect");
        const all = heardTimes(one, "news", 4);
        for (const value of [1, Buffer.from("2"), { three: [Buffer.from("3")] }]) await send("news", value);
        proxy.plugIn();
        await back;
        await send("news", "live");
        await all;
        const who = await one.emitWithAck("whoami", null);
        assert.equal(one.id, id);
        assert.deepEqual(who.rooms, [id, room].sort());
        // A second time, from where the first one ended.
        const again = heard(one, "connect");
        one.io.engine.close();
        await again;
        await one.emitWithAck("whoami", null);
        // Where nothing keeps the client away, the last ones may be live.
        const order = cut === CUTS["the engine closes"] ? notes.filter(([event]) => event === "news") : notes;
        return { order, recovered: [one.recovered, who.recovered] };
      }));
  }
}

// Rows: CSR-24
test("half-open by polling: the client says by another connection that it has gone, and comes back with what it missed", (t) =>
  everywhere(t, servers, async (stage) => {
    const { proxy, one, send } = await scene(stage);
    const back = heard(one, "connect");
    const all = heardTimes(one, "news", 3);
    // Again and again: a single reset may fall between two polls.
    while (one.connected) {
      proxy.abandon();
      proxy.plugIn();
      await new Promise(setImmediate);
    }
    for (const value of [1, 2, 3]) await send("news", value);
    await back;
    return { news: (await all).map(withoutOffset), recovered: one.recovered };
  }, { modes: ["polling"] }));

test("a session that was ended is not recovered, and the next one starts with nothing", (t) =>
  everywhere(t, servers, async (stage) => {
    const { one, send } = await scene(stage);
    const { id } = one;
    const connect = heard(one, "connect");
    one.disconnect();
    await send("news", "missed");
    one.connect();
    await connect;
    const { rooms, recovered, value } = await one.emitWithAck("whoami", null);
    assert.notEqual(one.id, id);
    return { is: Boolean(one.recovered), rooms: rooms.length, recovered, value };
  }));

test("a private id that the server does not know gives a new session", { concurrency: true }, (t) =>
  everywhere(t, servers, async (stage) => {
    const { one } = await scene({ ...stage, auth: (answer) => answer({ pid: "wrong" }) });
    const { id } = one;
    const connect = heard(one, "connect");
    one.io.engine.close();
    await connect;
    assert.notEqual(one.id, id);
    return Boolean(one.recovered);
  }));

test("five hundred messages a second and twenty cuts: none lost, none twice", { concurrency: true }, (t) =>
  everywhere(t, servers, async (stage) => {
    const { proxy, one, steer, room } = await scene(stage);
    const got = [];
    one.on("tick", (n) => got.push(n));
    await steer.emitWithAck("stream", { nsp: "/", room, event: "tick", rate: 500 });
    for (let cut = 0; cut < 20; cut += 1) {
      const { id } = one;
      await heardTimes(one, "tick", 5);
      const gone = heard(one, "disconnect");
      proxy.unplug();
      await gone;
      while (!one.connected && (await steer.emitWithAck("sockets", "/")).includes(id)) await new Promise(setImmediate);
      const back = heard(one, "connect");
      proxy.plugIn();
      await back;
      assert.ok(one.recovered, `cut ${cut}`);
    }
    const sent = await steer.emitWithAck("stop", null);
    while (got.at(-1) < sent) await heard(one, "tick");
    assert.deepEqual(got, Array.from({ length: sent }, (_, n) => n + 1));
  }, { modes: ["websocket"] }));
