// What Greenroom's own client does with servers that say odd things: an error that can be heard, and never a hang.

import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { test } from "node:test";

import { WebSocket, WebSocketServer } from "ws";

import { io } from "../../framework/client/greenroom-client.esm.min.js";
import { client, heard } from "./lib/client.mjs";

globalThis.WebSocket ??= WebSocket;

const OPEN = `0${JSON.stringify({ sid: "s", upgrades: [], pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 1e6 })}`;
const CONNECT = '40{"sid":"one"}';

/** A server that says these frames to each WebSocket, and gives these answers to the polls, one after the other. */
async function oddServer(t, { frames = [], answers = [] }) {
  let polls = 0;
  const server = http.createServer((request, response) => {
    const answer = request.method === "POST" ? { body: "ok" } : answers[polls++];
    // What is not answered is a poll that waits.
    if (answer) response.writeHead(answer.status ?? 200).end(answer.body);
  });
  new WebSocketServer({ server }).on("connection", (socket) => frames.forEach((frame) => socket.send(frame)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => (server.close(), server.closeAllConnections()));
  return `http://127.0.0.1:${server.address().port}`;
}

/** What a client hears that connects just once. */
async function hears(t, mode, event, script, prepare = () => {}) {
  const url = await oddServer(t, script);
  const socket = client(t, url, { io, mode, reconnection: false, timeout: 5000 });
  prepare(socket);
  const end = heard(socket, event);
  socket.connect();
  return await end;
}

const NO_HANDSHAKES = {
  "something else": "hello",
  "an empty text": "",
  "JSON that breaks off": "0{",
  "a handshake that is null": "0null",
  "a handshake without id": '0{"pingInterval":1,"pingTimeout":1}',
  "intervals that are no numbers": '0{"sid":"s","pingInterval":"often","pingTimeout":1}',
  "upgrades that are no list": '0{"sid":"s","pingInterval":1,"pingTimeout":1,"upgrades":"websocket"}',
  "a message before the handshake": CONNECT,
  "binary before the handshake": Buffer.from("0"),
};

for (const [what, frame] of Object.entries(NO_HANDSHAKES)) {
  test(`instead of a handshake: ${what}`, async (t) => {
    const [error] = await hears(t, "websocket", "connect_error", { frames: [frame] });
    assert.ok(error instanceof Error);
    if (typeof frame !== "string") return;
    const [again] = await hears(t, "polling", "connect_error", { answers: [{ body: frame }] });
    assert.ok(again instanceof Error);
  });
}

for (const status of [204, 301, 400, 404, 500, 503]) {
  test(`a handshake that is answered with status ${status}`, async (t) => {
    const [error] = await hears(t, "polling", "connect_error", { answers: [{ status }] });
    assert.equal(error.description, status);
    assert.match(error.message, new RegExp(`polling failed with status ${status}`));
  });
}

const NO_PACKETS = {
  "an unknown engine packet": "7",
  "a second handshake": OPEN,
  "an empty frame": "",
  "an empty packet": "4",
  "an unknown packet": "49",
  "JSON that breaks off": '42["a"',
  "JSON and more": '42["a"]x',
  "an event that is no list": '42{"a":1}',
  "an event without name": "42[]",
  "an event of a reserved name": '42["connect"]',
  "an event named by an object": "42[{}]",
  "an acknowledgement that is no list": '43{"a":1}',
  "a disconnect with data": '41{"a":1}',
  "a refusal without data": "44",
  "a text where an attachment should come": ['451-["a",{"_placeholder":true,"num":0}]', '42["b"]'],
  "an attachment that nobody announced": [Buffer.from("x")],
  "more attachments than placeholders": '45999999999-["a",{"_placeholder":true,"num":0}]',
  "a placeholder without attachment": ['451-["a",{"_placeholder":true,"num":7}]', Buffer.from("x")],
  "a placeholder with a name for a number": ['451-["a",{"_placeholder":true,"num":"length"}]', Buffer.from("x")],
  "a placeholder with an inherited number": ['451-["a",{"_placeholder":true,"num":"at"}]', Buffer.from("x")],
  "binary without a count": '45["a"]',
  "a count without binary": '421-["a"]',
};

for (const [what, frames] of Object.entries(NO_PACKETS)) {
  test(`behind the connection: ${what}`, async (t) => {
    const script = { frames: [OPEN, CONNECT].concat(frames) };
    const [reason, description] = await hears(t, "websocket", "disconnect", script);
    assert.equal(reason, "parse error");
    assert.ok(description instanceof Error);
  });
}

test("base64 that is none ends a polling connection", async (t) => {
  const [reason] = await hears(t, "polling", "disconnect", { answers: [{ body: OPEN }, { body: `${CONNECT}\x1eb!` }] });
  assert.equal(reason, "transport error");
});

test("a poll that is answered with nothing ends the connection, rather than being repeated at once", async (t) => {
  const [reason] = await hears(t, "polling", "disconnect", { answers: [{ body: OPEN }, { body: CONNECT }, { body: "" }] });
  assert.equal(reason, "parse error");
});

test("a CONNECT without id is refused: the server speaks an older revision", async (t) => {
  const [error] = await hears(t, "websocket", "connect_error", { frames: [OPEN, "40"] });
  assert.match(error.message, /older/);
});

test("a packet for a namespace that nobody asked for, and an unknown acknowledgement, are ignored", async (t) => {
  const frames = [OPEN, '42/other,["no"]', "41/other,", '43777["no"]', CONNECT, '40{"sid":"two"}', '42["yes",1]'];
  assert.deepEqual(await hears(t, "websocket", "yes", { frames }), [1]);
});

test("names of the object's prototype are data, and deep JSON is no stack overflow", async (t) => {
  const deep = `${"[".repeat(100_000)}{"_placeholder":true,"num":0}${"]".repeat(100_000)}`;
  const frames = [
    OPEN, CONNECT, '451-["proto",{"__proto__":{"polluted":{"_placeholder":true,"num":0}}}]', Buffer.from("x"),
    `451-["deep",${deep}]`, Buffer.from("x"),
  ];
  let value;
  const [reason] = await hears(t, "websocket", "disconnect", { frames }, (socket) => socket.on("proto", (data) => (value = data)));
  assert.equal(reason, "parse error");
  assert.deepEqual(Object.keys(value), ["__proto__"]);
  assert.equal({}.polluted, undefined);
});

/** A server on whose n-th WebSocket `reply(text, say, n)` answers what is said; the texts of each. */
async function scriptedServer(t, reply) {
  const said = [];
  const server = http.createServer();
  const ended = [];
  new WebSocketServer({ server }).on("connection", (socket) => {
    const n = said.push([]) - 1;
    ended.push(() => socket.terminate());
    socket.send(OPEN);
    socket.on("message", (data) => {
      said[n].push(String(data));
      reply(String(data), (...frames) => frames.forEach((frame) => socket.send(frame)), n);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => (server.close(), ended.forEach((end) => end())));
  return { said, cut: () => ended.at(-1)(), url: `http://127.0.0.1:${server.address().port}` };
}

const socketOf = (t, url, options) => client(t, url, { io, mode: "websocket", ...options });

/** Everything before it has arrived when this is answered: the order is kept. */
const arrived = (socket) => socket.timeout(5000).emitWithAck("arrived");
const answerArrived = (text, say) => {
  const id = /^42(\d+)\["arrived"/.exec(text)?.[1];
  if (id) say(`43${id}[]`);
};

test("an event that is acknowledged twice calls its acknowledgement once", async (t) => {
  const { url } = await scriptedServer(t, (text, say) => {
    if (text.startsWith("40")) say(CONNECT);
    if (text.startsWith("420")) say('430["first"]', '430["second"]', '42["end"]');
  });
  const socket = socketOf(t, url);
  const answers = [];
  const end = heard(socket, "end");
  socket.emit("ask", (answer) => answers.push(answer));
  socket.connect();
  await end;
  assert.deepEqual(answers, ["first"]);
});

test("an answer to an event of a lost connection does not leave over the next one", async (t) => {
  const { url, said, cut } = await scriptedServer(t, (text, say, n) => {
    if (text.startsWith("40")) say(CONNECT, ...(n === 0 ? ['427["question"]'] : []));
    answerArrived(text, say);
  });
  const socket = socketOf(t, url);
  const question = heard(socket, "question");
  socket.connect();
  const [answer] = await question;
  const back = heard(socket, "connect");
  cut();
  await back;
  answer("too late");
  await arrived(socket);
  assert.deepEqual(said[1].filter((text) => text.startsWith("43")), []);
});

test("an auth function's late answer for a lost connection is not shown to the next one", async (t) => {
  const { url, said, cut } = await scriptedServer(t, (text, say) => {
    if (text.startsWith("40")) say(CONNECT);
    answerArrived(text, say);
  });
  const asked = [];
  const socket = socketOf(t, url, { auth: (answer) => asked.push(answer) });
  const opened = heard(socket.io, "open");
  socket.connect();
  await opened;
  const again = heard(socket.io, "open");
  cut();
  await again;
  while (asked.length < 2) await new Promise(setImmediate);
  const connect = heard(socket, "connect");
  asked[0]({ n: 1 });
  asked[1]({ n: 2 });
  asked[1]({ n: 3 });
  await connect;
  await arrived(socket);
  assert.deepEqual(said[1].filter((text) => text.startsWith("40")), ['40{"n":2}']);
});

test("a new session does not inherit the offset of the one before", async (t) => {
  const { url, said, cut } = await scriptedServer(t, (text, say, n) => {
    if (text.startsWith("40")) say(`40{"sid":"s${n}","pid":"p${n}"}`, ...(n === 0 ? ['42["news","offset"]'] : []));
  });
  const socket = socketOf(t, url);
  const news = heard(socket, "news");
  socket.connect();
  await news;
  for (let lost = 0; lost < 2; lost += 1) {
    const back = heard(socket, "connect");
    cut();
    await back;
    assert.equal(socket.recovered, false);
  }
  assert.deepEqual(said.map(([first]) => first), ["40", '40{"pid":"p0","offset":"offset"}', '40{"pid":"p1"}']);
});

test("closed by a listener of `reconnect_attempt`, a client makes no attempt", async (t) => {
  const { url, cut } = await scriptedServer(t, (text, say) => text.startsWith("40") && say(CONNECT));
  const socket = socketOf(t, url);
  const connect = heard(socket, "connect");
  socket.connect();
  await connect;
  const { engine } = socket.io;
  socket.once("reconnect_attempt", () => socket.close());
  const attempt = heard(socket.io, "reconnect_attempt");
  cut();
  await attempt;
  assert.equal(socket.io.engine, engine);
  assert.equal(socket.active, false);
});

test("an option that would not hold is refused at once", () => {
  for (const name of ["retries", "parser"]) {
    assert.throws(() => io("http://127.0.0.1:1", { [name]: 1, autoConnect: false, forceNew: true }), new RegExp(name));
  }
  assert.throws(() => io(), /expected a URL/);
  assert.throws(() => io("http://127.0.0.1:1", { transports: ["pigeon"], forceNew: true }), /pigeon/);
});

test("a listener that throws stops nobody else, and its error surfaces", async (t) => {
  const heardIt = hears(t, "websocket", "b", { frames: [OPEN, CONNECT, '42["a"]', '42["b",2]'] }, (socket) => {
    socket.on("a", () => {
      throw new Error("mine");
    });
  });
  // The test runner takes uncaught errors for failures of the test that they happen in.
  const runners = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  const [surfaced] = await once(process, "uncaughtException");
  for (const runner of runners) process.on("uncaughtException", runner);
  assert.equal(surfaced.message, "mine");
  assert.deepEqual(await heardIt, [2]);
});
