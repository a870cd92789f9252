// Greenroom's own client beside the official one: what it does when nothing goes wrong, and how it says no.
// What must come of it, by the contract of the server, is in contracts.test.mjs. What the server's events do: tests/servers/src/bin/interop.rs and servers/interop.mjs.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { heard, heardTimes, MODES } from "./lib/client.mjs";
import { everywhere, message, notebook, startBoth } from "./lib/compare.mjs";
import { openStage } from "./lib/stage.mjs";

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

scenario("what shares a connection is decided as with the official client", async ({ io, url }) => {
  const opts = { autoConnect: false };
  const [a, again, b, apart] = [io(url, opts), io(url, opts), io(`${url}/b?x=1`, opts), io(`${url}/c`, { ...opts, forceNew: true })];
  return {
    shared: [again, b, apart].map((it) => it.io === a.io),
    names: [a, again, b, apart].map((it) => it.nsp),
    same: a.io.socket("/b") === b,
  };
}, { modes: ["websocket"] });

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

// ---------------------------------------------------------------- events

scenario("what JSON cannot say is sent as the official client sends it", async ({ join }) => {
  const one = await join();
  const echo = heard(one, "echo");
  one.emit("echo", new Date(0), [undefined], { b: undefined, when: new Date(0) }, () => {}, Number.NaN);
  return await echo;
}, { modes: ["websocket"] });

scenario("bytes are received as buffers", async ({ join }) => {
  const one = await join();
  const echo = heard(one, "echo");
  one.emit("echo", new Uint8Array(3));
  const [[data], answer] = [await echo, await one.emitWithAck("ack", { deep: [new ArrayBuffer(3)] })];
  assert.ok(Buffer.isBuffer(data) && Buffer.isBuffer(answer.deep[0]));
});

// With the official client it says what bytes become.
test("`engine.binaryType` has no effect on this client: bytes are buffers", async (t) => {
  for (const mode of Object.keys(MODES)) {
    const one = await openStage(t, { client: "greenroom", server: servers["with greenroom"], mode }).join();
    one.io.engine.binaryType = "arraybuffer";
    assert.ok(Buffer.isBuffer(await one.emitWithAck("ack", new Uint8Array(3))), mode);
  }
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

// ---------------------------------------------------------------- disconnecting

scenario("what was emitted before the client left arrives", async ({ join }) => {
  const listener = await join();
  const shouted = heardTimes(listener, "shouted", 3);
  const one = await join();
  for (const n of [1, 2, 3]) one.emit("shout", n);
  one.disconnect();
  return await shouted;
  // Node's server forgets events that are followed by the socket's end in one piece.
}, { against: ["with greenroom"] });

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
