// The official browser client, as the chat example hands it out.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import { startServer } from "./lib/server.mjs";

const require = createRequire(import.meta.url);
const { version } = require("socket.io-client/package.json");
const SCRIPTS = ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.msgpack.min.js"];

let server;

before(async () => (server = await startServer("chat")));
after(async () => assert.equal(await server?.stop(), 0, server?.log()));

const get = (name, headers = {}, method = "GET") => fetch(`${server.url}/socket.io/${name}`, { method, headers });
const installed = (name) => readFile(new URL(`node_modules/socket.io-client/dist/${name}`, import.meta.url));

// Rows: BND-01, BND-05
test("each file of the client is served as it was installed, with its type", async () => {
  for (const name of SCRIPTS) {
    for (const [file, type] of [[name, "application/javascript"], [`${name}.map`, "application/json"]]) {
      const answer = await get(file);
      assert.equal(answer.status, 200, file);
      assert.equal(answer.headers.get("content-type"), `${type}; charset=utf-8`, file);
      assert.deepEqual(Buffer.from(await answer.arrayBuffer()), await installed(file), file);
    }
  }
});

// Rows: BND-03, BND-04, BND-11
test("a file's tag is the client's version, and who has that version gets nothing again", async () => {
  const first = await get("socket.io.js");
  const tag = first.headers.get("etag");
  assert.equal(tag, `"${version}"`);
  assert.equal(first.headers.get("cache-control"), "public, max-age=0");
  for (const known of [tag, `W/${tag}`]) {
    const again = await get("socket.io.js", { "if-none-match": known });
    assert.equal(again.status, 304, known);
    assert.equal(await again.text(), "");
    assert.equal(again.headers.get("etag"), tag);
  }
  const other = await get("socket.io.js", { "if-none-match": '"1.0.0"' });
  assert.equal(other.status, 200);
});

// Rows: BND-07
test("a query behind a file's name does no harm", async () => {
  const answer = await get("socket.io.min.js?v=1");
  assert.equal(answer.status, 200);
  assert.deepEqual(Buffer.from(await answer.arrayBuffer()), await installed("socket.io.min.js"));
});

// Rows: BND-08
test("any other name is an engine request, and a bad one", async () => {
  for (const name of ["socket.io.css", "package.json", "..%2fpackage.json", "socket.io.js/", "%00", "socket.io.js.map.map"]) {
    const answer = await get(name);
    assert.equal(answer.status, 400, name);
    assert.deepEqual(await answer.json(), { code: 0, message: "Transport unknown" }, name);
  }
});

test("HEAD tells of a file without sending it", async () => {
  const answer = await get("socket.io.js", {}, "HEAD");
  assert.equal(answer.status, 200);
  assert.equal(Number(answer.headers.get("content-length")), (await installed("socket.io.js")).length);
  assert.equal(await answer.text(), "");
});

// Rows: BND-01, BND-03, BND-05
test("without npm our own client is handed out, under the same names and with its maps", async (t) => {
  const own = await startServer("chat", { env: { SOCKET_IO_CLIENT_DIST: "" } });
  t.after(async () => assert.equal(await own.stop(), 0, own.log()));
  const written = (name) => readFile(new URL(`../../framework/client/${name.replace("socket.io", "greenroom-client")}`, import.meta.url));
  const tags = new Set();
  for (const name of ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js"]) {
    const answer = await fetch(`${own.url}/socket.io/${name}`);
    assert.equal(answer.headers.get("content-type"), "application/javascript; charset=utf-8");
    assert.equal(answer.headers.get("sourcemap"), `${name}.map`);
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), await written(name));
    tags.add(answer.headers.get("etag"));
    const map = await fetch(`${own.url}/socket.io/${name}.map`);
    assert.equal(map.headers.get("content-type"), "application/json; charset=utf-8");
    assert.deepEqual(Buffer.from(await map.arrayBuffer()), await written(`${name}.map`));
  }
  assert.equal(tags.size, 1);
  const again = await fetch(`${own.url}/socket.io/socket.io.js`, { headers: { "if-none-match": [...tags][0] } });
  assert.equal(again.status, 304);
  // No parser for msgpack: an engine request, and a bad one.
  assert.equal((await fetch(`${own.url}/socket.io/socket.io.msgpack.min.js`)).status, 400);
});
