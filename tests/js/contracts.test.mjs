// The scenes of lib/interop-scenes.mjs with each client, against each server, over each transport.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { MODES } from "./lib/client.mjs";
import { CLIENTS } from "./lib/compare.mjs";
import { INTEROP } from "./lib/interop-scenes.mjs";
import { startServer } from "./lib/server.mjs";
import { openStage } from "./lib/stage.mjs";

const servers = { interop: {} };

before(async () => {
  for (const name of Object.keys(servers)) {
    servers[name].Greenroom = await startServer(name);
    servers[name].Node = await startServer(name, { node: true });
  }
});
after(async () => {
  for (const both of Object.values(servers)) {
    for (const server of Object.values(both)) assert.equal(await server.stop(), 0, server.log());
  }
});

function cells(scene) {
  const { modes = Object.keys(MODES) } = scene;
  return Object.keys(CLIENTS).flatMap((client) => ["Greenroom", "Node"].flatMap((server) => modes.map((mode) => ({ scene, client, server, mode }))));
}

const play = (t, name, { scene, client, server, mode }) =>
  t.test(`${scene.name}: the ${client} client, ${server}, ${mode}`, (each) =>
    scene.play(openStage(each, { client, server: servers[name][server], mode })));

test("interop", { concurrency: 16 }, (t) => Promise.all(INTEROP.flatMap(cells).map((cell) => play(t, "interop", cell))));
