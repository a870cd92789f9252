// The files of Greenroom's own client that are checked in.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import vm from "node:vm";

import { bundles, folder } from "./client-bundle.mjs";

/** Plain bytes, as they are stored and promised in the docs. */
const LIMIT = 14 * 1024;

test("the bundles that are checked in are those of the sources", async () => {
  for (const [name, text] of Object.entries(await bundles())) {
    const stored = await readFile(path.join(folder, name), "utf8").catch(() => "");
    assert.ok(stored === text, `${name} is stale: npm --prefix tests/js run client`);
  }
});

test("minified, the client has at most 14 KB", async () => {
  for (const name of ["greenroom-client.min.js", "greenroom-client.esm.min.js"]) {
    const { length } = await readFile(path.join(folder, name));
    assert.ok(length <= LIMIT, `${name} has ${length} bytes`);
  }
});

test("the module's names are those of the official client", async () => {
  const [ours, official] = await Promise.all([
    import(path.join(folder, "greenroom-client.esm.min.js")),
    import("socket.io-client"),
  ]);
  assert.equal(ours.default, ours.io);
  for (const name of ["io", "connect", "Manager", "Socket", "protocol", "default"]) {
    assert.equal(typeof ours[name], typeof official[name], name);
  }
});

test("a classic script gives `io`, and nothing else", async () => {
  for (const name of ["greenroom-client.js", "greenroom-client.min.js"]) {
    const page = vm.createContext({});
    vm.runInContext(await readFile(path.join(folder, name), "utf8"), page);
    assert.deepEqual(Object.keys(page), ["io"], name);
    assert.equal(typeof page.io, "function");
  }
});
