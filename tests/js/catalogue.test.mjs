// What is written from the handlers, read by those it is for: the TypeScript compiler and the parser of AsyncAPI.
// That the files are fresh is a Rust test of each package.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { Parser } from "@asyncapi/parser";
import Ajv from "ajv";

import { client, heard } from "./lib/client.mjs";
import { CONTRACT } from "./lib/contract.mjs";
import { startServer } from "./lib/server.mjs";
import { mistakes, replaced } from "./lib/typescript.mjs";

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const HOUSE = file("tsconfig.json");
const PAGE = file("../../examples/chat/jsconfig.json");
const [DESK, SCRIPT] = [file("types/house.test-d.ts"), file("../../examples/chat/static/chat.js")];

// Rows: TYP-01, TYP-02, TYP-03
test("the official client's generics take the types, and refuse what no handler does", () => {
  assert.deepEqual(mistakes(HOUSE), []);
});

test("a front end of other types does not compile", () => {
  const house = file("types/house.ts");
  for (const [from, to] of [
    ["walls: (ack: (answer: number | Failed) => void) => void;", "walls: (ack: (answer: string | Failed) => void) => void;"],
    ['"hung up": (wall: Wall,', '"hung up": (wall: string,'],
    ["userName: string;", "userName: number;"],
    ["words: string[]", "words: number[]"],
  ]) {
    assert.notDeepEqual(mistakes(HOUSE, replaced(house, from, to)), [], from);
  }
  // Each `@ts-expect-error` is an error of its own: without one of them there is one more.
  const [, first] = readFileSync(DESK, "utf8").match(/(\/\/ @ts-expect-error a number for a string\n)/);
  assert.equal(mistakes(HOUSE, replaced(DESK, first, "")).length, 1);
});

test("the chat's page keeps to the types of its server", () => {
  assert.deepEqual(mistakes(PAGE), []);
  for (const [from, to] of [
    ['emitWithAck("say", entry.room, entry.text, entry.key)', 'emitWithAck("says", entry.room, entry.text, entry.key)'],
    ['emitWithAck("say", entry.room, entry.text, entry.key)', 'emitWithAck("say", entry.room, entry.text)'],
    ['socket.emit("leave", room.name)', 'socket.emit("leave", 7)'],
    ["const { members, history, earlier } = answer.data;", "const { people, history, earlier } = answer.data;"],
    ['socket.on("message", (line) => {', 'socket.on("message", (line) => {\n    line.words;'],
    ["({ name: me, $contract: CONTRACT })", "({ nick: me, $contract: CONTRACT })"],
  ]) {
    assert.notDeepEqual(mistakes(PAGE, replaced(SCRIPT, from, to)), [], to);
  }
});

test("the documents are AsyncAPI 3, with nothing to complain about", async () => {
  for (const name of ["types/house.json", "../../examples/chat/asyncapi.json"]) {
    const { document, diagnostics } = await new Parser().parse(readFileSync(file(name), "utf8"));
    assert.deepEqual(diagnostics.filter(({ severity }) => severity <= 1), [], name);
    assert.equal(document.version(), "3.0.0");
  }
});

test("the document has the operations of all handlers, with their answers", async () => {
  const { document } = await new Parser().parse(readFileSync(file("types/house.json"), "utf8"));
  const channels = document.channels().all().map((channel) => [channel.id(), channel.address()]);
  assert.deepEqual(channels.sort(), [["Garden", "/garden"], ["House", "/house/{street}"]]);
  const hang = document.operations().get("House.receive.hang_up");
  assert.equal(hang.action(), "receive");
  assert.equal(hang.summary(), "Hangs something up, and answers with the wall.");
  assert.equal(hang.reply().messages().all()[0].payload().type(), "array");
  assert.equal(document.operations().get("House.send.agree").action(), "send");
  // Arguments are a list; what is not one is refused by the same parser.
  const broken = readFileSync(file("types/house.json"), "utf8").replace('"action": "receive"', '"action": "hear"');
  const { diagnostics } = await new Parser().parse(broken);
  assert.ok(diagnostics.some(({ severity }) => severity === 0));
});

test("what goes over the wire is what the document says", async (t) => {
  const document = JSON.parse(readFileSync(file("../../examples/chat/asyncapi.json"), "utf8"));
  const ajv = new Ajv({ strict: false, validateFormats: false });
  ajv.addSchema(document, "chat");
  /** Whether the arguments, or the answer's, of a message are of its schema. */
  const fits = (message, list) => {
    const check = ajv.getSchema(`chat#/channels/Chat/messages/${message}/payload`);
    assert.ok(check, message);
    assert.ok(check(list), `${message} ${JSON.stringify(list)}: ${ajv.errorsText(check.errors)}`);
    return message;
  };
  const server = await startServer("chat");
  t.after(() => server.stop());
  const seen = new Set();
  const [ada, bo] = ["Ada", "Bo"].map((name) => {
    const auth = { name, $contract: CONTRACT };
    fits("receive.connect", auth);
    const socket = client(t, server.url, { auth });
    socket.onAny((event, ...args) => seen.add(fits(`send.${event}`, args)));
    return socket;
  });
  const ask = (socket, event, ...args) =>
    new Promise((resolve) => {
      fits(`receive.${event}`, args);
      socket.emit(event, ...args, (...answer) => resolve(fits(`receive.${event}.ack`, answer) && answer[0]));
    });
  ada.connect();
  bo.connect();
  assert.equal((await ask(ada, "say", "Lobby", "not yet", "0")).ok, false);
  for (const socket of [ada, bo]) assert.equal((await ask(socket, "join", "Lobby")).ok, true);
  const told = ["typing", "message", "left"].map((event) => heard(bo, event));
  await ask(ada, "typing", "Lobby", true);
  assert.equal((await ask(ada, "say", "Lobby", "hello", "1")).ok, true);
  assert.equal(await ask(ada, "leave", "Lobby"), undefined);
  await Promise.all(told);
  assert.deepEqual([...seen].sort(), ["send.joined", "send.left", "send.message", "send.rooms", "send.typing"]);

  const nameless = client(t, server.url, { auth: { name: " " } });
  const refused = heard(nameless, "connect_error");
  nameless.connect();
  const [{ message, data }] = await refused;
  fits("receive.connect.ack", { message, data });
  assert.equal(data.code, "bad_name");
  // The schemas are not such that everything fits.
  assert.throws(() => fits("send.message", [{ id: "one" }]));
  assert.throws(() => fits("receive.say", ["Lobby"]));
  assert.throws(() => fits("receive.join.ack", [{ ok: true }]));
});
