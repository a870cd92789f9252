// Scenes that are played with the official client and with Greenroom's own, against Greenroom and Node's socket.io.

import assert from "node:assert/strict";

import { MODES } from "./client.mjs";
import { notebook } from "./scene.mjs";
import { startServer } from "./server.mjs";
import { CLIENTS, openStage } from "./stage.mjs";

export { notebook };

/** The server `name` twice: built with greenroom, and Node's. */
export async function startBoth(name, env) {
  const [ours, node] = await Promise.all([startServer(name, { env }), startServer(name, { node: true, env })]);
  return { "with greenroom": ours, "with Node": node };
}

/**
 * Plays the scene with each client; what it returns must be the same, and is returned.
 *
 * A scene is given a stage, and the client's `io`.
 */
export async function withEachClient(t, url, mode, scene) {
  const told = {};
  for (const [name, io] of Object.entries(CLIENTS)) {
    told[name] = await scene({ ...openStage(t, { client: name, server: { url }, mode }), io });
  }
  assert.deepEqual(told.greenroom, told.official, "Greenroom's client (actual) tells something else than the official one");
  return told.greenroom;
}

/** As tests: the scene against each server, in each mode. */
export async function everywhere(t, servers, scene, { modes = Object.keys(MODES), against = Object.keys(servers) } = {}) {
  const play = (name, mode) =>
    t.test(`${mode}, ${name}`, (each) =>
      withEachClient(each, servers[name].url, mode, (stage) => scene({ ...stage, t: each, server: servers[name] })));
  // Together, when the test around them has `concurrency`; otherwise they wait for each other.
  await Promise.all(against.flatMap((name) => modes.map((mode) => play(name, mode))));
}

/** An error as it can be compared. */
export const message = (error) => [error?.message ?? error];
