// What a Socket.IO client and a server do together, scene by scene: each says what must come of it, whoever the two are.
//
// The server is `interop` (tests/servers/src/bin/interop.rs, servers/interop.mjs). Scenes of one server are played at the
// same time, so none may mistake what another one's `shout` says for its own; `waits`: a scene's time goes by in waiting
// for a heartbeat. They run in a page, too.

import { abrupt, gather, heard, heardTimes, notebook, same, upgraded } from "./scene.mjs";

const scenes = [];
const scene = (name, play, options) => scenes.push({ name, play, ...options });

const bytes = (...values) => Uint8Array.from(values);
const message = (error) => error.message;
const state = ({ connected, active, id }) => ({ connected, active, hasId: typeof id === "string" });
const GONE = { connected: false, active: false, hasId: false };
const THERE = { connected: true, active: true, hasId: true };

/** Connects, and takes the server's welcome. */
async function welcome(socket) {
  const greeting = heard(socket, "welcome");
  socket.connect();
  return (await greeting)[0];
}

// ---------------------------------------------------------------- connecting

scene("a client connects, and is on the transport that it ends with", async ({ socket, mode }) => {
  const one = socket();
  same(state(one), GONE);
  const opened = heard(one.io, "open");
  const greeting = welcome(one);
  await opened;
  same(one.io.engine.transport.name, mode === "websocket" ? "websocket" : "polling", "the first transport");
  same(await greeting, { sid: one.id, auth: {}, token: null });
  same(state(one), THERE);
  await upgraded(one);
  same(await one.emitWithAck("transport", null), mode === "polling" ? "polling" : "websocket", "the transport");
});

scene("what it shows for its admission arrives, and a function is asked at each connection", async ({ socket }) => {
  const one = socket({ auth: { token: "it is me", list: [1, null] } });
  same((await welcome(one)).auth, { token: "it is me", list: [1, null] });
  let asked = 0;
  const other = socket({
    auth: (answer) => {
      asked += 1;
      queueMicrotask(() => answer({ asked }));
    },
  });
  same((await welcome(other)).auth, { asked: 1 });
  other.disconnect();
  same((await welcome(other)).auth, { asked: 2 });
});

scene("a query goes with the handshake", async ({ socket }) => {
  same((await welcome(socket({ query: { token: "a b&c=d/é" } }))).token, "a b&c=d/é");
});

// ---------------------------------------------------------------- events

const VALUES = [
  null, true, false, 0, -1.5e-10, 2 ** 53 - 1, "", "text", "\0 in the middle \" and \\", "line\nline\u2028", "👩‍🚀 é ß", "\ud83d\ude00", [], [[[]]],
  {}, { a: { b: [{ c: null }] } }, { "": 0 }, { _placeholder: false, num: 0 }, [1, "two", { three: 3 }], 1e21,
];

scene("twenty values of every JSON type come back as they were, in order", async ({ join }) => {
  const one = await join();
  const echoes = gather(one, "echo");
  for (const value of VALUES) one.emit("echo", value);
  one.emit("echo");
  one.emit("echo", ...VALUES);
  await echoes.reached(VALUES.length + 2);
  same(echoes.all, [...VALUES.map((value) => [value]), [], VALUES]);
});

scene("five hundred events each way keep their order across the upgrade", async ({ socket }) => {
  const one = socket();
  const numbers = [...Array(500).keys()];
  const echoes = gather(one, "echo");
  await welcome(one);
  for (const n of numbers) {
    one.emit("echo", n);
    // A turn of the loop: the upgrade must fall into their middle.
    if (n % 10 === 9) await new Promise((resolve) => setTimeout(resolve));
  }
  await echoes.reached(numbers.length);
  same(echoes.all.flat(), numbers);
  await upgraded(one);
});

scene("bytes come back as they were: empty, nested, several, and in their place among the texts", async ({ join }) => {
  const one = await join();
  const all = bytes(...Array(256).keys());
  const events = [
    [all],
    ["between"],
    [bytes()],
    [bytes(1), { deep: [{ down: all.subarray(7, 9) }, "text", bytes()], none: null }, 7],
    [all.buffer, new Uint16Array([1, 2, 3]), new DataView(all.buffer, 3, 4)],
    ["last"],
  ];
  const echoes = gather(one, "echo");
  for (const args of events) one.emit("echo", ...args);
  await echoes.reached(events.length);
  same(echoes.all, events);
});

scene("a large text and large bytes come back whole", async ({ join }) => {
  const one = await join();
  const [text, data] = ["é".repeat(200_000), new Uint8Array(400_000).fill(7)];
  const echoes = gather(one, "echo");
  one.emit("echo", text);
  one.emit("echo", data);
  await echoes.reached(2);
  const [[sameText], [sameData]] = echoes.all;
  same([sameText === text, sameData.byteLength, new Set(new Uint8Array(sameData)).size], [true, 400_000, 1]);
});

scene("who sends more than the server takes loses the connection, and comes back", async ({ join }) => {
  const one = await join();
  const gone = heard(one, "disconnect");
  const back = heard(one, "welcome");
  one.emit("echo", "x".repeat(1_000_001));
  same(abrupt((await gone)[0]), "abrupt");
  await back;
  same(await one.emitWithAck("ack", "fine"), "fine");
});

scene("a volatile event is dropped while there is no connection, and arrives when there is", async ({ socket }) => {
  const one = socket();
  const echoes = gather(one, "echo");
  one.volatile.emit("echo", "dropped");
  const greeting = welcome(one);
  one.volatile.emit("echo", "dropped, too");
  await greeting;
  await upgraded(one);
  await one.emitWithAck("ack", null);
  while (!one.io.engine.transport.writable) await heard(one.io.engine, "drain");
  one.volatile.emit("echo", "now or never");
  await echoes.reached(1);
  await one.emitWithAck("ack", null);
  same(echoes.all, [["now or never"]]);
});

// ---------------------------------------------------------------- acknowledgements

scene("the server acknowledges fifty events at once, each by itself", async ({ join }) => {
  const one = await join();
  const numbers = [...Array(50).keys()];
  same(await Promise.all(numbers.map((n) => one.emitWithAck("ack", n))), numbers);
  same(await new Promise((resolve) => one.emit("ack", 1, [2], "three", (...answer) => resolve(answer))), [1, [2], "three"]);
  same(await new Promise((resolve) => one.timeout(60_000).emit("ack", 1, (...answer) => resolve(answer))), [null, 1]);
});

scene("the client acknowledges, with all its arguments, and once", async ({ join }) => {
  const one = await join();
  one.on("question", (value, answer) => {
    answer(value, "and more", bytes(1));
    answer("again");
  });
  const answers = gather(one, "answer");
  const values = ["a", null, { b: [1] }];
  for (const value of values) one.emit("ask", value);
  await answers.reached(values.length);
  await one.emitWithAck("ack", null);
  // Each is asked by itself, so their order is nobody's promise.
  same(answers.all.map(JSON.stringify).sort(), values.map((value) => JSON.stringify([value, "and more", answers.all[0][2]])).sort());
  same(answers.all[0][2], bytes(1));
});

scene("acknowledgements carry bytes, both ways", async ({ join }) => {
  const one = await join();
  same(await one.emitWithAck("ack", { deep: [bytes(1, 2), bytes()] }), { deep: [bytes(1, 2), bytes()] });
  one.on("question", (value, answer) => answer({ back: value }));
  const answer = heard(one, "answer");
  one.emit("ask", bytes(3));
  same(await answer, [{ back: bytes(3) }]);
});

scene("what nobody answers is given up in time, or at the end", async ({ join }) => {
  const one = await join();
  same(await one.timeout(30).emitWithAck("unknown").catch(message), "operation has timed out");
  const asked = one.emitWithAck("unknown").catch(message);
  one.disconnect();
  same(await asked, "socket has been disconnected");
});

// ---------------------------------------------------------------- namespaces

scene("two namespaces share a connection, and each is left by itself", async ({ beside, join }) => {
  const one = await join();
  const other = beside(one, "/private", { auth: { token: "secret" } });
  same((await welcome(other)).auth, { token: "secret" });
  same([one.id === other.id, other.io === one.io], [false, true]);
  const [mine, its] = [gather(one, "echo"), gather(other, "echo")];
  one.emit("echo", "mine");
  other.emit("echo", "its");
  await Promise.all([mine.reached(1), its.reached(1)]);
  const { notes, note } = notebook();
  for (const it of [one, other]) it.on("disconnect", note(it.nsp, (reason) => [reason]));
  const closed = heard(one.io, "close");
  one.disconnect();
  same(await other.emitWithAck("ack", "still here"), "still here");
  other.disconnect();
  same((await closed)[0], "forced close");
  same([mine.all, its.all], [[["mine"]], [["its"]]]);
  same(notes, [["/", "io client disconnect"], ["/private", "io client disconnect"]]);
});

scene("a refused client learns why, stays away, and may come with better papers", async ({ socket }) => {
  const one = socket({ at: "/private", auth: { token: "wrong" } });
  const refused = heard(one, "connect_error");
  one.connect();
  const [error] = await refused;
  same([error instanceof Error, error.message, error.data], [true, "not authorized", { code: "E_AUTH" }]);
  same(state(one), GONE);
  one.auth = { token: "secret" };
  same((await welcome(one)).auth, { token: "secret" });
  same(state(one), THERE);
});

scene("a namespace that does not exist is refused", async ({ socket }) => {
  const one = socket({ at: "/nowhere" });
  const refused = heard(one, "connect_error");
  one.connect();
  same((await refused)[0].message, "Invalid namespace");
  same(state(one), GONE);
});

// ---------------------------------------------------------------- rooms

scene("a room hears what is said in it, and who has left does not", async ({ join }) => {
  const room = crypto.randomUUID();
  const [ada, bo, cy] = [await join(), await join(), await join({ mode: "polling" })];
  const all = [ada, bo, cy];
  const [ears, shouts] = ["said", "shouted"].map((event) => all.map((it) => gather(it, event)));
  // Each has been handled, and so has what was to come of it.
  const settled = () => Promise.all(all.map((it) => it.emitWithAck("ack", null)));
  for (const it of all) same(await it.emitWithAck("join", room), "joined");
  ada.emit("say", room, "from ada");
  ada.emit("say", room, { data: bytes(1, 2) });
  ada.emit("say-all", room, bytes());
  await Promise.all([ears[0].reached(1), ears[1].reached(3), ears[2].reached(3)]);
  same(await cy.emitWithAck("leave", room), "left");
  bo.emit("say-all", room, "without cy");
  bo.emit("shout", room);
  await Promise.all([ears[0].reached(2), ears[1].reached(4)]);
  while (!shouts.every(({ all }) => all.some(([what]) => what === room))) await settled();
  await settled();
  const three = [["from ada"], [{ data: bytes(1, 2) }], [bytes()]];
  same(ears.map(({ all }) => all), [[[bytes()], ["without cy"]], [...three, ["without cy"]], three]);
  same(shouts.map(({ all }) => all.filter(([what]) => what === room).length), [1, 1, 1]);
});

// ---------------------------------------------------------------- disconnecting

scene("a client that leaves is seen to go, and may come back as somebody new", async ({ join }) => {
  const [one, observer] = [await join(), await join()];
  const { id } = one;
  await observer.emitWithAck("join", `watch:${id}`);
  const left = heard(observer, "left");
  const gone = gather(one, "disconnect");
  one.disconnect();
  one.close();
  same(gone.all.map(([reason]) => reason), ["io client disconnect"]);
  same(state(one), GONE);
  const [{ sid, reason }] = await left;
  same([sid, typeof reason], [id, "string"]);
  await welcome(one);
  same([one.id === id, state(one)], [false, THERE]);
});

for (const hard of [false, true]) {
  scene(`a client that the server sends away${hard ? ", with its connection," : ""} stays away`, async ({ join }) => {
    const [one, observer] = [await join(), await join()];
    const { id } = one;
    await observer.emitWithAck("join", `watch:${id}`);
    const left = heard(observer, "left");
    const attempts = gather(one.io, "reconnect_attempt");
    const gone = heard(one, "disconnect");
    one.emit("kick", hard);
    same((await gone)[0], "io server disconnect");
    same((await left)[0].sid, id);
    same(state(one), GONE);
    // Another one that has lost its connection at the same time comes back by itself in the meantime.
    const back = heard(observer, "welcome");
    observer.io.engine.close();
    await back;
    same([attempts.all.length, state(one)], [0, GONE]);
  });
}

// ---------------------------------------------------------------- a network that fails

scene("a quiet connection outlives heartbeats", async ({ join }) => {
  const one = await join();
  const { id } = one;
  await heardTimes(one.io, "ping", 2);
  same([await one.emitWithAck("ack", 1), one.id === id], [1, true]);
}, { waits: true });

/** How the network fails: what happens in it, and what the client is told. */
const FAILURES = {
  "a reset (RST)": { fail: (network) => network.unplug() },
  "an orderly end (FIN)": { fail: (network) => network.finish() },
  "a half-open connection: only the client's end is reset": { fail: (network) => network.abandon() },
  "an answer that breaks off in its middle": {
    async fail(network, one) {
      await network.cutNextAnswer();
      one.emit("echo", "x".repeat(10_000), new Uint8Array(1000));
    },
  },
  "a black hole": { fail: (network) => network.swallow(), reason: "ping timeout" },
};

for (const [failure, { fail, reason: expected = "abrupt" }] of Object.entries(FAILURES)) {
  scene(`${failure}: noticed, what is emitted meanwhile waits, and the client comes back by itself`, async ({ socket, network }) => {
    const line = await network();
    const { notes, note } = notebook();
    const one = socket({ from: line.url, timeout: 1000 });
    await welcome(one);
    await upgraded(one);
    const { id } = one;
    one.on("disconnect", note("disconnect", (reason) => [abrupt(reason)]));
    one.io.on("close", note("close", (reason) => [abrupt(reason)]));
    one.io.on("reconnect", note("reconnect", (attempt) => [attempt > 0]));
    one.on("connect", note("connect"));
    const lost = one.emitWithAck("unknown").catch(message);
    const gone = heard(one, "disconnect");
    await fail(line, one);
    await gone;
    same(await lost, "socket has been disconnected");
    same(state(one), { connected: false, active: true, hasId: false });
    const echoes = gather(one, "echo");
    for (const value of [1, bytes(2), 3]) one.emit("echo", value);
    const answer = one.emitWithAck("ack", "asked offline");
    await line.plugIn();
    same(await answer, "asked offline");
    same(echoes.all, [[1], [bytes(2)], [3]]);
    same(notes, [["disconnect", expected], ["close", expected], ["reconnect", true], ["connect"]]);
    same(one.id === id, false, "the old id");
  }, { waits: expected === "ping timeout" });
}

export const INTEROP = scenes;
