// The porting example: one scene is played to Node's server and to its port, and what the clients hear and are answered must be the same.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { client, heard, inEachMode } from "./lib/client.mjs";
import { startServer } from "./lib/server.mjs";

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
// The script requires `socket.io` as a person's own would, who has installed it beside the script; here it is installed for the tests.
const NODE = { node: file("../../examples/porting/node/server.js"), env: { NODE_PATH: file("node_modules") } };

let original;
let port;

before(async () => {
  [original, port] = await Promise.all([startServer("porting", NODE), startServer("porting")]);
});

after(async () => {
  const codes = await Promise.all([original?.stop(), port?.stop()]);
  assert.deepEqual(codes, [0, 0], `${original?.log()}\n${port?.log()}`);
  assert.doesNotMatch(port.log(), /panicked/);
});

/** What one client is told, in order. Ids are not compared: each server makes its own. */
class Guest {
  trace = [];

  constructor(t, url, mode, name) {
    this.socket = client(t, url, { mode, auth: { name } });
    this.socket.onAny((event, ...args) => {
      if (typeof args.at(-1) === "function") args.pop()(name !== "Eve");
      // How many are online depends on when a server notices that somebody of the scene before is gone.
      if (event === "welcome") args[0].online = typeof args[0].online;
      this.trace.push([event, ...args]);
    });
    this.socket.on("disconnect", (reason) => this.trace.push(["disconnect", reason]));
    this.socket.on("connect_error", ({ message, data }) => this.trace.push(["connect_error", message, data]));
  }

  async connect() {
    const welcomed = heard(this.socket, "welcome");
    this.socket.connect();
    await welcomed;
    return this;
  }

  async ask(...args) {
    const answer = await new Promise((resolve) => this.socket.emit(...args, (...answer) => resolve(answer)));
    this.trace.push(["answer to", args[0], ...answer]);
  }

  /** Does it, and waits until `others` have heard the event that it leads to. */
  async until(event, others, act) {
    const told = others.map((other) => heard(other.socket, event));
    await act(this.socket);
    await Promise.all(told);
  }
}

/** Every step of the README; the traces of three clients, and of one that is not let in. */
async function scene(t, url, mode) {
  const nobody = new Guest(t, url, mode, "");
  const refused = heard(nobody.socket, "connect_error");
  nobody.socket.connect();
  await refused;
  nobody.socket.disconnect();

  const ann = await new Guest(t, url, mode, "Ann").connect();
  const bob = new Guest(t, url, mode, "Bob");
  await ann.until("arrived", [ann], () => bob.connect());
  const eve = new Guest(t, url, mode, "Eve");
  await eve.until("arrived", [ann, bob], () => eve.connect());

  await ann.ask("join", "lobby");
  await bob.ask("say", "lobby", "too early", null);
  await bob.until("joined", [ann], () => bob.ask("join", "lobby"));
  await bob.until("said", [ann, bob], () => bob.ask("say", "lobby", "héllo \"all\"", { loud: true }));
  await ann.until("said", [ann, bob], () => ann.ask("say", "lobby", "", null));
  await eve.until("shouted", [ann, bob, eve], () => eve.socket.emit("shout", "fire"));

  await eve.until("joined", [ann, bob], () => eve.ask("join", "lobby"));
  await eve.ask("join", "quiet");
  await ann.until("picture", [bob], () => ann.socket.emit("picture", ["lobby", "attic"], "quiet", Uint8Array.of(0, 127, 255)));
  await ann.ask("vote", "lobby", "tea?");
  await ann.ask("vote", "attic", "is anybody here?");

  await ann.until("left", [bob, eve], () => ann.socket.emit("leave", "lobby"));
  await eve.until("gone", [ann, bob], () => eve.until("disconnect", [eve], () => eve.socket.emit("bye")));
  await bob.until("gone", [ann], () => bob.socket.disconnect());
  ann.socket.disconnect();
  return Object.fromEntries(Object.entries({ nobody, ann, bob, eve }).map(([name, { trace }]) => [name, trace]));
}

test("the port does what the original does, word for word", async (t) => {
  await inEachMode(t, async (each, mode) => {
    const [theirs, ours] = [await scene(each, original.url, mode), await scene(each, port.url, mode)];
    assert.deepEqual(ours, theirs);
    // It is the scene, and not two empty lists.
    const told = Object.values(ours).map((trace) => trace.map(([event]) => event));
    assert.deepEqual(told[0], ["connect_error"]);
    assert.deepEqual(told[3], [
      "welcome", "shouted", "answer to", "answer to", "question", "left", "disconnect",
    ]);
    assert.deepEqual(ours.ann.filter(([, event]) => event === "vote"), [["answer to", "vote", 2, 3], ["answer to", "vote", 0, 0]]);
    assert.deepEqual(Buffer.from(ours.bob.find(([event]) => event === "picture")[2]), Buffer.of(0, 127, 255));
  });
});

test("an argument of another kind ends the original, and is answered by the port", async (t) => {
  const server = await startServer("porting", NODE);
  const ann = await new Guest(t, server.url, "websocket", "Ann").connect();
  await ann.until("disconnect", [ann], () => ann.socket.emit("say", 7));
  assert.equal(await server.stop(), 1);
  assert.match(server.log(), /ack is not a function/);

  const bob = await new Guest(t, port.url, "websocket", "Bob").connect();
  bob.socket.emit("say", 7);
  const { ok, error } = await bob.socket.emitWithAck("say", 7);
  assert.deepEqual([ok, error.code], [false, "bad_argument"]);
  assert.equal(bob.socket.connected, true);
});
