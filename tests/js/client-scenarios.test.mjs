// Greenroom's own client beside the official one: what it does when nothing goes wrong, and how it says no.
// What the server's events do: tests/servers/src/bin/interop.rs and servers/interop.mjs.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { heard, heardTimes } from "./lib/client.mjs";
import { everywhere, message, notebook, startBoth } from "./lib/compare.mjs";

let servers;

before(async () => (servers = await startBoth("interop")));
after(async () => {
  for (const server of Object.values(servers ?? {})) assert.equal(await server.stop(), 0, server.log());
});

const scenario = (name, scene, only) => test(name, (t) => everywhere(t, servers, scene, only));
const state = ({ connected, disconnected, active, recovered, id }) => ({ connected, disconnected, active, recovered: Boolean(recovered), id: typeof id });

// ---------------------------------------------------------------- connecting

scenario("a socket connects, and its state says so at each step", async ({ socket }) => {
  const { notes, note } = notebook();
  const one = socket();
  const states = [state(one)];
  one.io.on("open", note("open"));
  one.on("connect", note("connect"));
  const welcome = heard(one, "welcome");
  one.on("welcome", note("welcome", () => []));
  one.connect();
  states.push(state(one));
  const [{ sid, auth }] = await welcome;
  assert.equal(sid, one.id);
  assert.notEqual(one.id, one.io.engine.id);
  return { notes, auth, states: [...states, state(one)] };
});

scenario("namespaces share one connection, and the last one to leave closes it", async ({ io, socket, url }) => {
  const one = socket({ forceNew: false, multiplex: true });
  const other = one.io.socket("/private", { auth: { token: "secret" } });
  const both = [heard(one, "welcome"), heard(other, "welcome")];
  one.connect();
  other.connect();
  await Promise.all(both);
  const { notes, note } = notebook();
  for (const it of [one, other]) it.on("disconnect", note(it.nsp, (reason) => [reason]));
  one.io.on("close", note("close", (reason) => [reason]));
  one.disconnect();
  const answer = await other.emitWithAck("ack", "still here");
  other.disconnect();
  assert.ok(io.Manager && io.Socket && url);
  return { notes, answer, ids: one.id === other.id };
});

scenario("what shares a connection is decided as with the official client", async ({ io, url }) => {
  const opts = { autoConnect: false };
  const [a, again, b, apart] = [io(url, opts), io(url, opts), io(`${url}/b?x=1`, opts), io(`${url}/c`, { ...opts, forceNew: true })];
  return {
    shared: [again, b, apart].map((it) => it.io === a.io),
    names: [a, again, b, apart].map((it) => it.nsp),
    same: a.io.socket("/b") === b,
  };
}, { modes: ["websocket"] });

scenario("a refused socket learns why, is not active, and may come with better papers", async ({ socket }) => {
  const one = socket({ at: "/private", auth: { token: "wrong" } });
  const refused = heard(one, "connect_error");
  one.connect();
  const [error] = await refused;
  const states = [state(one)];
  one.auth = (answer) => answer({ token: "secret" });
  const welcome = heard(one, "welcome");
  one.connect();
  const [{ auth }] = await welcome;
  return { error: [error instanceof Error, error.message, error.data], auth, states: [...states, state(one)] };
});

scenario("an unknown namespace is refused", async ({ socket }) => {
  const one = socket({ at: "/nowhere" });
  const refused = heard(one, "connect_error");
  one.connect();
  return [(await refused)[0].message, one.active];
});

scenario("an auth function may take its time, and its late answer is not for the next connection", async ({ socket }) => {
  const answers = [];
  const one = socket({ auth: (answer) => answers.push(answer) });
  const opened = heard(one.io, "open");
  const welcome = heard(one, "welcome");
  one.connect();
  await opened;
  setImmediate(() => answers[0]({ n: 1 }));
  return [(await welcome)[0].auth, answers.length];
});

scenario("a query goes with the handshake", async ({ socket }) => {
  const one = await socket({ query: { token: "a b&c=d/é" } });
  const welcome = heard(one, "welcome");
  one.connect();
  return (await welcome)[0].token;
});

// ---------------------------------------------------------------- events

const VALUES = [null, true, 0, -1.5e-10, "", "\0 \" \u2028 👩‍🚀", [], {}, { a: [{ b: undefined, c: null }] }, { _placeholder: false, num: 0 }];

scenario("values of every JSON type come back as they were, in order", async ({ join }) => {
  const one = await join();
  const echoes = heardTimes(one, "echo", VALUES.length + 2);
  for (const value of VALUES) one.emit("echo", value);
  one.emit("echo");
  one.emit("echo", new Date(0), [undefined], () => {});
  return await Promise.race([echoes, heardTimes(one, "echo", VALUES.length + 1)]);
});

scenario("binary goes both ways, nested, empty, and in its place among the texts", async ({ join }) => {
  const one = await join();
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  const events = [
    [Buffer.from(bytes)],
    ["between"],
    [bytes.buffer, new Uint16Array([1, 2, 3]), new DataView(bytes.buffer, 3, 4)],
    [{ deep: [{ down: bytes.subarray(7, 9) }, "text", Buffer.alloc(0)], none: null, when: new Date(0) }, 7],
    [Buffer.alloc(100_000, 7)],
    ["last"],
  ];
  const echoes = heardTimes(one, "echo", events.length);
  for (const args of events) one.emit("echo", ...args);
  const all = await echoes;
  assert.ok(Buffer.isBuffer(all[0][0]));
  assert.equal(all[4][0].length, 100_000);
  return [all, await one.emitWithAck("ack", { b: Buffer.from("x") })];
});

scenario("five hundred events each way keep their order across the upgrade", async ({ socket }) => {
  const one = socket();
  const COUNT = 500;
  const echoes = heardTimes(one, "echo", COUNT);
  one.connect();
  await heard(one, "connect");
  for (let n = 0; n < COUNT; n += 1) {
    one.emit("echo", n);
    if (n % 10 === 9) await new Promise(setImmediate);
  }
  const heardAll = (await echoes).flat();
  assert.deepEqual(heardAll, Array.from({ length: COUNT }, (_, n) => n));
});

scenario("listeners come and go, and hear events in order", async ({ join }) => {
  const one = await join();
  const { notes, note } = notebook();
  const any = note("any");
  const gone = note("gone");
  one.onAny(any);
  one.onAnyOutgoing(note("outgoing"));
  one.on("echo", note("on"));
  one.once("echo", note("once"));
  one.on("echo", gone);
  one.once("echo", gone);
  one.off("echo", gone).off("echo", gone);
  for (const n of [1, 2]) {
    const echo = heard(one, "echo");
    one.emit("echo", n);
    await echo;
  }
  one.offAny(any);
  one.off("echo");
  one.off("nothing");
  const answer = await one.emitWithAck("ack", "after");
  one.off();
  return { notes, answer, left: one.listeners("echo").length };
});

scenario("the names that mean something on the client cannot be emitted", async ({ socket }) => {
  const one = socket();
  const names = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];
  const say = (emit) => {
    try {
      emit();
      return "emitted";
    } catch (error) {
      return error.message;
    }
  };
  const rejected = await one.emitWithAck("connect").catch(message);
  return { thrown: names.map((name) => say(() => one.emit(name))), rejected };
}, { modes: ["websocket"] });

// ---------------------------------------------------------------- acknowledgements

scenario("acknowledgements arrive by callback, by promise, and in time", async ({ join }) => {
  const one = await join();
  const plain = await new Promise((resolve) => one.emit("ack", 1, "two", (...answer) => resolve(answer)));
  const timed = await new Promise((resolve) => one.timeout(5000).emit("ack", 1, (...answer) => resolve(answer)));
  const promised = await Promise.all([...Array(20).keys()].map((n) => one.emitWithAck("ack", n)));
  return { plain, timed, promised, both: await one.timeout(5000).emitWithAck("ack", "x") };
});

scenario("who is not answered is told so, and once", async ({ join }) => {
  const one = await join();
  const { notes, note } = notebook();
  const late = new Promise((resolve) => one.timeout(30).emit("unknown", (...args) => resolve(args.map((it) => it.message))));
  notes.push(await late);
  notes.push(await one.timeout(30).emitWithAck("unknown").catch(message));
  one.emit("unknown", note("plain"));
  one.timeout(60_000).emit("unknown", note("timed", message));
  const promised = one.emitWithAck("unknown").catch(note("promised", message));
  one.disconnect();
  await promised;
  return notes;
});

scenario("what waits for the connection is given up with its time", async ({ socket }) => {
  const { notes, note } = notebook();
  const one = socket();
  one.onAnyOutgoing(note("outgoing"));
  notes.push(await one.timeout(10).emitWithAck("ack", "too late").catch(message));
  const answer = one.emitWithAck("ack", "in time");
  one.connect();
  notes.push(await answer);
  return notes;
});

scenario("the server's question is answered once", async ({ join }) => {
  const one = await join();
  const { notes, note } = notebook();
  one.on("answer", note("answer"));
  one.on("question", (value, answer) => {
    answer(value, Buffer.from("b"));
    answer("again");
  });
  const answers = heardTimes(one, "answer", 2);
  one.emit("ask", 1);
  one.emit("ask", { two: 2 });
  await answers;
  notes.push(await one.emitWithAck("ack", "end"));
  return notes;
});

scenario("an answer after the end is not sent, nor over the next connection", async ({ join }) => {
  const one = await join();
  const { notes, note } = notebook();
  one.on("answer", note("answer"));
  const question = heard(one, "question");
  one.emit("ask", 1);
  const [, answer] = await question;
  const welcome = heard(one, "welcome");
  one.disconnect();
  answer("too late");
  one.connect();
  await welcome;
  notes.push(await one.emitWithAck("ack", "end"));
  return notes;
});

// ---------------------------------------------------------------- order, buffers, volatile

scenario("what is emitted before the connection leaves in order, around `connect`", async ({ socket }) => {
  const one = socket();
  const { notes, note } = notebook();
  one.onAnyOutgoing(note("outgoing"));
  one.on("connect", () => {
    note("connect")();
    one.emit("echo", "from connect");
  });
  one.on("echo", note("echo"));
  one.emit("echo", 1);
  one.emit("echo", Buffer.from("2"));
  const echoes = heardTimes(one, "echo", 3);
  one.connect();
  one.emit("echo", 3);
  await echoes;
  if (notes.filter(([name]) => name === "echo").length < 4) await heard(one, "echo");
  return notes;
});

scenario("a volatile event is dropped while there is no connection, and arrives when there is", async ({ socket }) => {
  const one = socket();
  const { notes, note } = notebook();
  one.on("echo", note("echo"));
  one.volatile.emit("echo", "dropped");
  one.connect();
  one.volatile.emit("echo", "dropped too");
  await heard(one, "welcome");
  await one.emitWithAck("ack", 1);
  while (!one.io.engine.transport.writable) await heard(one.io.engine, "drain");
  const echo = heard(one, "echo");
  one.volatile.emit("echo", "now or never");
  await echo;
  return notes;
}, { modes: ["websocket", "polling"] });

// ---------------------------------------------------------------- disconnecting

scenario("a client that leaves hears itself go, and may come back", async ({ join }) => {
  const one = await join();
  const { notes, note } = notebook();
  const first = one.id;
  one.on("disconnect", note("disconnect", (reason) => [reason]));
  one.emit("shout", "last words");
  one.close();
  one.close();
  const states = [state(one)];
  const welcome = heard(one, "welcome");
  one.open();
  await welcome;
  return { notes, states: [...states, state(one)], same: one.id === first };
});

scenario("what was emitted before the client left arrives", async ({ join }) => {
  const listener = await join();
  const shouted = heardTimes(listener, "shouted", 3);
  const one = await join();
  for (const n of [1, 2, 3]) one.emit("shout", n);
  one.disconnect();
  return await shouted;
  // Node's server forgets events that are followed by the socket's end in one piece.
}, { against: ["with greenroom"] });

for (const hard of [false, true]) {
  scenario(`a client that the server sends away (${hard ? "hard" : "soft"}) stays away`, async ({ join }) => {
    const one = await join();
    const gone = heard(one, "disconnect");
    one.emit("kick", hard);
    return [(await gone)[0], state(one)];
  });
}

scenario("connect, disconnect and connect in one breath end connected", async ({ socket }) => {
  const one = socket();
  const { notes, note } = notebook();
  one.on("disconnect", note("disconnect", (reason) => [reason]));
  one.on("connect", note("connect"));
  const welcome = heard(one, "welcome");
  one.connect().disconnect().connect();
  await welcome;
  return [notes, await one.emitWithAck("ack", "fine")];
});
