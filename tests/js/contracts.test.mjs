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

/** Scenes that only wait are played all together; more of the others at once would be a test of how busy the machine is. */
async function playAll(t, name, scenes) {
  const [waiting, busy] = [true, false].map((waits) => scenes.filter((scene) => Boolean(scene.waits) === waits).flatMap(cells));
  await t.test("scenes that wait", { concurrency: 12 }, (all) => Promise.all(waiting.map((cell) => play(all, name, cell))));
  await t.test("scenes that do not", { concurrency: 3 }, (all) => Promise.all(busy.map((cell) => play(all, name, cell))));
}

test("interop", (t) => playAll(t, "interop", INTEROP));
