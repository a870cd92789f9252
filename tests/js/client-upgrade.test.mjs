// What Greenroom's own client emits while its transport changes: after polling was paused, and before the WebSocket is told that it is the
// transport now. It arrives once and in order, whether the change succeeds or not.

import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { after, before, test } from "node:test";

import { WebSocket, WebSocketServer } from "ws";

import { io } from "../../framework/client/greenroom-client.esm.min.js";
import { client, heard } from "./lib/client.mjs";
import { startBoth } from "./lib/compare.mjs";

/** A bound for what never arrives. */
const PATIENCE = 15_000;

let servers;

before(async () => (servers = await startBoth("interop")));
after(async () => {
  for (const server of Object.values(servers ?? {})) assert.equal(await server.stop(), 0, server.log());
});

/** A client whose probe has just been answered when `whilePaused` is called: polling takes nothing more, and is still the transport. */
function changing(t, url, whilePaused) {
  class Watched extends WebSocket {
    constructor(...args) {
      super(...args);
      // The client listens later than this, and hears it in the same turn.
      this.addEventListener("message", ({ data }) => data === "3probe" && queueMicrotask(() => whilePaused(one)));
    }
  }
  const one = client(t, url, { io, WebSocket: Watched, reconnection: false });
  return one;
}

for (const server of ["with greenroom", "with Node"]) {
  test(`what is emitted while the transport changes arrives once and in order: ${server}`, async (t) => {
    const one = changing(t, servers[server].url, () => {
      assert.equal(one.io.engine.transport.name, "polling");
      for (const value of ["meanwhile", new Uint8Array([3]), 4]) one.emit("echo", value);
      one.volatile.emit("echo", "dropped, since nothing can be written now");
    });
    const echoes = [];
    one.on("echo", (value) => echoes.push(Buffer.isBuffer(value) ? [...value] : value));
    one.emit("echo", "before");
    one.connect();
    one.io.engine.once("upgrade", () => one.emit("echo", "after"));
    await heard(one.io.engine, "upgrade");
    // Its answer comes behind every echo, behind one too many as well.
    await one.timeout(5000).emitWithAck("ack", "end");
    assert.deepEqual(echoes, ["before", "meanwhile", [3], 4, "after"]);
  });
}

// ---------------------------------------------------------------- a server that does as the test says

const OPEN = `0${JSON.stringify({ sid: "s", upgrades: ["websocket"], pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 1e6 })}`;
const [NOOP, CONNECT] = ["6", '40{"sid":"one"}'];

/** Keeps what it is sent: `posted`, and `said` over the WebSocket. It answers a POST, unless that has `heldBack` in it; the rest when it is told. */
async function obedientServer(t, { heldBack } = {}) {
  const [posted, said, answers] = [[], [], [OPEN, CONNECT]];
  let poll, heldPost;
  const server = http.createServer(async (request, response) => {
    if (request.method === "GET") {
      poll = response;
      return endPoll();
    }
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    posted.push(...body.split("\x1e"));
    if (heldBack && body.includes(heldBack)) heldPost = response;
    else response.end("ok");
    server.emit("news");
  });
  const endPoll = () => poll && answers.length && (poll.end(answers.shift()), (poll = undefined));
  const sockets = new WebSocketServer({ server }).on("connection", (socket) =>
    socket.on("message", (data) => {
      said.push(String(data));
      server.emit("news");
    }));
  const until = async (isThere) => {
    while (!isThere()) await once(server, "news");
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    sockets.clients.forEach((socket) => socket.terminate());
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    posted,
    said,
    until,
    async answerProbe() {
      await until(() => said.includes("2probe"));
      sockets.clients.forEach((socket) => socket.send("3probe"));
    },
    answerPoll: (text) => (answers.push(text), endPoll()),
    answerPost: () => heldPost.end("ok"),
    endWebSockets: () => sockets.clients.forEach((socket) => socket.terminate()),
  };
}

const events = (frames) => frames.filter((frame) => frame.startsWith("42")).map((frame) => JSON.parse(frame.slice(2))[0]);

test("what waits behind a request that is under way leaves after it, by the WebSocket", { timeout: PATIENCE }, async (t) => {
  const server = await obedientServer(t, { heldBack: "first" });
  const one = changing(t, server.url, () => {
    one.emit("third");
    server.answerPoll(NOOP);
    server.answerPost();
  });
  one.emit("first");
  one.connect();
  const upgrade = heard(one.io.engine, "upgrade");
  await server.until(() => events(server.posted).includes("first"));
  one.emit("second");
  await server.answerProbe();
  await upgrade;
  one.emit("last");
  await server.until(() => events(server.said).includes("last"));
  assert.deepEqual(events(server.posted), ["first"]);
  assert.deepEqual(server.said.slice(0, 2), ["2probe", "5"]);
  assert.deepEqual(events(server.said), ["second", "third", "last"]);
});

test("what is emitted while a change fails leaves by polling, once and in order", { timeout: PATIENCE }, async (t) => {
  const server = await obedientServer(t);
  const one = changing(t, server.url, () => {
    one.emit("first").emit("second");
    server.endWebSockets();
  });
  const connect = heard(one, "connect");
  one.connect();
  const failed = heard(one.io.engine, "upgradeError");
  await connect;
  await server.answerProbe();
  await failed;
  one.emit("third");
  assert.deepEqual(events(server.posted), []);
  // What the paused transport waits for.
  server.answerPoll(NOOP);
  await server.until(() => events(server.posted).includes("third"));
  one.emit("last");
  await server.until(() => events(server.posted).includes("last"));
  assert.equal(one.io.engine.transport.name, "polling");
  assert.deepEqual(events(server.posted), ["first", "second", "third", "last"]);
  assert.deepEqual(events(server.said), []);
});
