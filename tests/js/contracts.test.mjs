// The scenes of lib/interop-scenes.mjs and lib/recovery-scenes.mjs with each client, against each server, over each transport.
//
// A cell of this table passes when everything is as the scene says. Where the scene names a loss, the cell must fail, and as
// the loss says: one that passes after all is taken for an error, so that no reason outlives its fault.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { MODES } from "./lib/client.mjs";
import { INTEROP } from "./lib/interop-scenes.mjs";
import { NOT_PLAYED, RECOVERY, STREAMS, WITH_MIDDLEWARES } from "./lib/recovery-scenes.mjs";
import { startServer } from "./lib/server.mjs";
import { CLIENTS, openStage, openSteering } from "./lib/stage.mjs";

const SERVERS = { Greenroom: {}, Node: { node: true } };
const CONTRACTS = {
  interop: { program: "interop" },
  recovery: { program: "recovery" },
  middlewares: { program: "recovery", env: { RUN_MIDDLEWARES: "1" } },
};
/** By contract, and then by name. */
const servers = {};
const told = [];
/** A bound for what no scene says: that somebody never answers. A scene that `lasts` longer has so much more. */
const PATIENCE = 25_000;

before(async () => {
  for (const [contract, { program, env }] of Object.entries(CONTRACTS)) {
    servers[contract] = {};
    for (const [name, options] of Object.entries(SERVERS)) {
      const server = await startServer(program, { ...options, env });
      servers[contract][name] = { ...server, steering: program === "recovery" && (await openSteering(server)) };
    }
  }
});

after(async () => {
  console.log(report(told));
  for (const server of Object.values(servers).flatMap(Object.values)) {
    if (server.steering) server.steering.end();
    assert.equal(await server.stop(), 0, server.log());
  }
});

/** Each client with each server over each of the scene's transports. */
function cells(scene) {
  const { modes = Object.keys(MODES) } = scene;
  const pairs = Object.keys(CLIENTS).flatMap((client) => Object.keys(SERVERS).map((server) => ({ scene, client, server })));
  return pairs.flatMap((pair) => modes.map((mode) => ({ ...pair, mode })));
}

function knownLoss({ scene: { losses }, server, mode }) {
  const isMeant = losses && losses.server === server && (losses.modes ?? [mode]).includes(mode);
  return isMeant ? losses : undefined;
}

async function play(t, contract, cell) {
  const { scene, client, server, mode } = cell;
  const error = await scene.play(openStage(t, { client, server: servers[contract][server], mode })).then(() => undefined, (error) => error);
  const loss = knownLoss(cell);
  told.push({ ...cell, contract, outcome: loss ? "lost" : error ? "failed" : "passed" });
  if (!loss) assert.ifError(error);
  else assert.match(error?.message ?? "it passed, so this is no loss any more", loss.with);
}

const playIn = (group, contract, cell) =>
  group.test(`${cell.scene.name}: ${cell.client} client, ${cell.server}, ${cell.mode}`, { timeout: PATIENCE + (cell.scene.lasts ?? 0) }, (t) => play(t, contract, cell));

/** Scenes that only wait are played all together; more of the others at once would be a test of how busy the machine is. */
async function playAll(t, contract, scenes) {
  for (const [waits, concurrency] of [[true, 24], [false, 4]]) {
    const all = scenes.filter((scene) => Boolean(scene.waits) === waits).flatMap(cells);
    await t.test(waits ? "scenes that wait" : "scenes that do not", { concurrency }, (group) =>
      Promise.all(all.map((cell) => playIn(group, contract, cell))));
  }
}

/** One by one on each server. */
async function playInTurn(t, contract, scenes) {
  const all = scenes.flatMap(cells);
  await Promise.all(Object.keys(SERVERS).map((name) =>
    t.test(name, async (group) => {
      for (const cell of all) if (cell.server === name) await playIn(group, contract, cell);
    })));
}

test("interop", (t) => playAll(t, "interop", INTEROP));

// Rows: CSR-24
test("recovery", (t) => playAll(t, "recovery", RECOVERY));

test("recovery in the middle of a stream", { concurrency: true }, (t) => playInTurn(t, "recovery", STREAMS));

test("recovery with middlewares", { concurrency: true }, (t) => playInTurn(t, "middlewares", WITH_MIDDLEWARES));

// ---------------------------------------------------------------- the table

function groupedBy(all, key) {
  const groups = new Map();
  for (const each of all) groups.set(key(each), [...(groups.get(key(each)) ?? []), each]);
  return groups;
}

const count = (cells, outcome) => cells.filter((cell) => cell.outcome === outcome).length;

/** How many cells of each column have passed; and those that a server is known to fail, with the reason. */
function report(told) {
  const columns = groupedBy(told, ({ contract, client, server, mode }) => [contract, client, server, mode].map((it) => it.padEnd(12)).join(""));
  const lines = [...columns].map(([column, cells]) =>
    `${column}${count(cells, "passed")} passed, ${count(cells, "lost")} lost by the server, ${count(cells, "failed")} failed`);
  const losses = groupedBy(told.filter(({ outcome }) => outcome === "lost"), ({ scene }) => scene);
  for (const [{ name, losses: { server, because } }, cells] of losses) {
    lines.push("", `KNOWN TO FAIL with ${server}: ${name}`, `  because: ${because}`);
    lines.push(`  (${cells.map(({ client, mode }) => `${client}, ${mode}`).sort().join("; ")})`);
  }
  lines.push("", ...NOT_PLAYED.map((what) => `NOT PLAYED: ${what}`));
  return ["", "contract    client      server      transport", ...lines, ""].join("\n");
}
