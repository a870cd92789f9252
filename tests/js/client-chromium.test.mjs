// Greenroom's own client in a browser: beside the official one, and over reloads of its page.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { chromium } from "playwright-core";

import { findChromium } from "./lib/chromium.mjs";
import { client, heard, MODES } from "./lib/client.mjs";
import { startBoth } from "./lib/compare.mjs";
import { INTEROP } from "./lib/interop-scenes.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { RECOVERY } from "./lib/recovery-scenes.mjs";
import { startServer } from "./lib/server.mjs";
import { openSteering } from "./lib/stage.mjs";

const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  // What Playwright answers in the place of the server comes from no address, and may not reach a local one.
  "--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets",
];
const SCRIPTS = {
  official: new URL("node_modules/socket.io-client/dist/socket.io.min.js", import.meta.url),
  greenroom: new URL("../../framework/client/greenroom-client.min.js", import.meta.url),
};

let browser;
let servers;
let recoverySteering;
const recovering = {};

before(async () => {
  servers = await startBoth("interop");
  recovering["with Node"] = await startServer("recovery", { node: true });
  recovering["with greenroom"] = await startServer("recovery");
  recoverySteering = await openSteering(recovering["with greenroom"]);
  browser = await chromium.launch({ executablePath: findChromium(), args: FLAGS });
});

after(async () => {
  await browser?.close();
  recoverySteering?.end();
  for (const server of [...Object.values(servers ?? {}), ...Object.values(recovering)]) assert.equal(await server.stop(), 0, server.log());
});

/** A window onto the server's origin, whose pages have the client and run `script`. */
async function openWindow(t, server, { script = () => {}, name = "greenroom", options = {} } = {}) {
  const context = await browser.newContext();
  context.setDefaultTimeout(20_000);
  t.after(() => context.close());
  const code = await readFile(SCRIPTS[name], "utf8");
  const body = `<!doctype html><link rel=icon href=data:,><script>${code}</script><script>(${script})(${JSON.stringify(options)})</script>`;
  await context.route(`${server.url}/page`, (route) => route.fulfill({ contentType: "text/html; charset=utf-8", body }));
  return {
    async openPage() {
      const page = await context.newPage();
      await page.goto(`${server.url}/page`);
      return page;
    },
  };
}

// ---------------------------------------------------------------- beside the official client

/** In the page: everything at once, told in a form that can be compared. */
async function visit({ transports }) {
  const socket = io({ transports, forceNew: true });
  const heard = (event) => new Promise((resolve) => socket.once(event, (...args) => resolve(args)));
  const described = async (value) => {
    if (value instanceof ArrayBuffer) return `bytes ${[...new Uint8Array(value)]}`;
    return typeof value === "object" ? `${value?.constructor.name} ${JSON.stringify(value)}` : value;
  };
  await heard("welcome");
  if (transports.length > 1 && socket.io.engine.transport.name === "polling") await new Promise((resolve) => socket.io.engine.once("upgrade", resolve));
  const told = [await socket.emitWithAck("transport", null)];
  const values = [
    "text", new Blob(["blob"]), { a: [1, null] }, new Uint8Array([1, 2, 3]), new Uint8Array([9, 8, 7]).subarray(1, 2),
    new Uint16Array([258]).buffer, "👩‍🚀", new Blob([]), new File(["file"], "name"), "last",
  ];
  const echoes = [];
  const all = new Promise((resolve) => socket.on("echo", (value) => echoes.push(value) === values.length && resolve()));
  for (const value of values) socket.emit("echo", value);
  await all;
  for (const echo of echoes) told.push(await described(echo));
  told.push(await described(await socket.emitWithAck("ack", new Blob(["ack"]))));
  await socket.emitWithAck("join", "hall");
  const said = heard("said");
  socket.emit("say-all", "hall", "hello");
  told.push(await said);
  const gone = heard("disconnect");
  socket.close();
  return [...told, await gone];
}

for (const [mode, { options }] of Object.entries(MODES)) {
  test(`what the official client does in a browser, ours does: ${mode}`, async (t) => {
    for (const server of Object.values(servers)) {
      const told = {};
      for (const name of Object.keys(SCRIPTS)) {
        const page = await (await openWindow(t, server, { name })).openPage();
        told[name] = await page.evaluate(visit, options);
      }
      assert.deepEqual(told.greenroom, told.official);
      assert.equal(told.greenroom[2], "bytes 98,108,111,98");
    }
  });
}

test("`engine.binaryType` has no effect on this client: bytes are an `ArrayBuffer`", async (t) => {
  const page = await (await openWindow(t, servers["with greenroom"])).openPage();
  const kind = await page.evaluate(async () => {
    const socket = io({ transports: ["websocket"], forceNew: true });
    await new Promise((resolve) => socket.on("connect", resolve));
    socket.io.engine.binaryType = "blob";
    return (await socket.emitWithAck("ack", new Uint8Array(3))).constructor.name;
  });
  assert.equal(kind, "ArrayBuffer");
});

// ---------------------------------------------------------------- the table of contracts.test.mjs, in a page

const SCENES = {
  "interop-scenes.mjs": { contract: "interop", name: "INTEROP", all: INTEROP, of: () => servers },
  "recovery-scenes.mjs": { contract: "recovery", name: "RECOVERY", all: RECOVERY, of: () => recovering },
};

const unpacked = (key, value) => (Array.isArray(value?.bytes) ? Uint8Array.from(value.bytes) : value);

/** A page behind a network that may fail, with the client that the server hands out and with the scenes. */
async function openStagePage(t, server) {
  const proxy = await startProxy(server.port);
  const context = await browser.newContext();
  t.after(async () => {
    await context.close();
    await proxy.stop();
  });
  const body = '<!doctype html><link rel=icon href=data:,><script src="/socket.io/socket.io.min.js"></script>';
  await context.route(`${proxy.url}/page`, (route) => route.fulfill({ contentType: "text/html; charset=utf-8", body }));
  await context.route(`${proxy.url}/lib/*`, async (route) => {
    const text = await readFile(new URL(`lib/${route.request().url().split("/").at(-1)}`, import.meta.url), "utf8");
    await route.fulfill({ contentType: "text/javascript; charset=utf-8", body: text });
  });
  const page = await context.newPage();
  await page.exposeFunction("failNetwork", (how) => proxy[how]());
  await page.exposeFunction("steerServer", (event, what) => recoverySteering.steer(event, JSON.parse(what, unpacked)));
  await page.goto(`${proxy.url}/page`);
  return page;
}

const playInPage = (page, file, scene, mode) =>
  page.evaluate(async ([file, name, scene, mode]) => {
    const [scenes, { playIn }] = await Promise.all([import(`/lib/${file}`), import("/lib/page-stage.mjs")]);
    await playIn(scenes[name], scene, mode);
  }, [file, SCENES[file].name, scene.name, mode]);

for (const [file, { contract, all, of }] of Object.entries(SCENES)) {
  const open = (t) => openStagePage(t, of()["with greenroom"]);
  for (const mode of Object.keys(MODES)) {
    test(`what the ${contract} contract says holds in a page with the client that Greenroom serves: ${mode}`, async (t) => {
      const page = await open(t);
      for (const scene of all) if (!scene.waits) await t.test(scene.name, () => playInPage(page, file, scene, mode));
    });
  }

  // One after the other: pages that play at the same time keep a machine with two cores busy, and heartbeats of half a second would be missed.
  test(`what the ${contract} contract says of waiting holds in a page, too`, async (t) => {
    for (const scene of all) {
      if (scene.waits) await t.test(scene.name, async () => playInPage(await open(t), file, scene, "upgrade"));
    }
  });
}

test("two pages talk in a room", async (t) => {
  for (const server of Object.values(servers)) {
    const window = await openWindow(t, server, {
      script: () => {
        window.heard = [];
        window.socket = io();
        socket.on("said", (text) => heard.push(text));
        window.ready = new Promise((resolve) => socket.on("connect", resolve)).then(() => socket.emitWithAck("join", "hall"));
      },
    });
    const [ada, bo] = [await window.openPage(), await window.openPage()];
    for (const page of [ada, bo]) await page.evaluate(() => ready);
    await ada.evaluate(() => socket.emit("say", "hall", "Is anybody here?"));
    await bo.waitForFunction(() => heard.length === 1);
    await bo.evaluate(() => socket.emit("say", "hall", "Me."));
    await ada.waitForFunction(() => heard.length === 1);
    assert.deepEqual(await Promise.all([ada, bo].map((page) => page.evaluate(() => heard))), [["Me."], ["Is anybody here?"]]);
  }
});

// ---------------------------------------------------------------- reloads

/** In the page: a socket that notes in its tab's storage what it has heard, over all reloads. */
function listen(options) {
  const known = (name) => JSON.parse(sessionStorage.getItem(name) ?? "[]");
  const note = (name, value) => sessionStorage.setItem(name, JSON.stringify([...known(name), value]));
  window.notes = (name) => known(name);
  window.kept = () => ({ ...sessionStorage, ...localStorage });
  if (options.removesLate) {
    options.connectionStateRecovery = {
      storage: {
        getItem: (name) => localStorage.getItem(name),
        setItem: (name, text) => localStorage.setItem(name, text),
        // As for a tab that has not seen another one's removal yet.
        removeItem: () => {},
      },
    };
  }
  window.socket = io({ ...options, forceNew: true });
  socket.on("connect", () => {
    note("visits", { id: socket.id, recovered: socket.recovered });
    if (!socket.recovered) socket.emit("join", "stream", () => note("joined", socket.id));
  });
  socket.on("tick", (n) => note("ticks", n));
}

const visits = (page, count) =>
  page.waitForFunction((count) => notes("visits").length >= count, count).then(() => page.evaluate(() => notes("visits")));
const kept = async (page) => Object.entries(await page.evaluate(() => kept())).filter(([name]) => name.startsWith("greenroom:"));

/** A client that steers the server. */
async function steering(t, server) {
  const steer = client(t, `${server.url}/ctl`, { mode: "websocket" });
  const connect = heard(steer, "connect");
  steer.connect();
  await connect;
  const say = (n) => steer.emitWithAck("send", { nsp: "/", to: "stream", event: "tick", args: [n], volatile: false });
  return { steer, say };
}

/** A page in the room that has heard its first event, without which there is nothing to recover from. */
async function firstVisit(t, options, server = recovering["with greenroom"]) {
  const { steer, say } = await steering(t, server);
  const window = await openWindow(t, server, { script: listen, options });
  const page = await window.openPage();
  await page.waitForFunction(() => notes("joined").length === 1);
  await say(0);
  await page.waitForFunction(() => notes("ticks").length === 1);
  return { steer, say, window, page };
}

for (const [mode, name] of Object.keys(MODES).flatMap((mode) => ["with Node", "with greenroom"].map((name) => [mode, name]))) {
  test(`reloaded five times in a stream of 200 messages a second, a page loses none and hears none twice: ${mode}, ${name}`, async (t) => {
    const { options } = MODES[mode];
    const { steer, page } = await firstVisit(t, { ...options, connectionStateRecovery: {} }, recovering[name]);
    await steer.emitWithAck("stream", { nsp: "/", room: "stream", event: "tick", rate: 200 });
    for (let reload = 1; reload <= 5; reload += 1) {
      const { length } = await page.evaluate(() => notes("ticks"));
      await page.waitForFunction((length) => notes("ticks").length >= length + 20, length);
      await page.reload();
      await visits(page, reload + 1);
    }
    const sent = await steer.emitWithAck("stop", null);
    await page.waitForFunction((sent) => notes("ticks").at(-1) >= sent, sent);
    assert.deepEqual(await page.evaluate(() => notes("ticks")), Array.from({ length: sent + 1 }, (_, n) => n));
    const all = await visits(page, 6);
    assert.equal(new Set(all.map(({ id }) => id)).size, 1);
    assert.deepEqual(all.map(({ recovered }) => recovered), [false, true, true, true, true, true]);
  });
}

test("without the option a reload starts afresh, and nothing is stored", async (t) => {
  const { page } = await firstVisit(t, {});
  await page.reload();
  const [first, second] = await visits(page, 2);
  assert.notEqual(first.id, second.id);
  assert.equal(second.recovered, false);
  assert.deepEqual(await kept(page), []);
});

test("the id is in the storage only between two pages, and not after the socket was closed", async (t) => {
  const { page } = await firstVisit(t, { connectionStateRecovery: {} });
  assert.deepEqual(await kept(page), []);
  await page.reload();
  await visits(page, 2);
  assert.deepEqual(await kept(page), []);
  await page.evaluate(() => socket.close());
  await page.reload();
  const all = await visits(page, 3);
  assert.deepEqual(all.map(({ recovered }) => recovered), [false, true, false]);
  assert.notEqual(all[2].id, all[0].id);
});

test("a session that is too old is not shown, and a new one takes its place", async (t) => {
  const { page, say } = await firstVisit(t, { connectionStateRecovery: { maxAge: 0 } });
  await page.reload();
  const [first, second] = await visits(page, 2);
  assert.equal(second.recovered, false);
  assert.notEqual(first.id, second.id);
  await page.waitForFunction(() => notes("joined").length === 2);
  await say(1);
  await page.waitForFunction(() => notes("ticks").at(-1) === 1);
});

test("a session that the server has forgotten gives a new id, which the next reload recovers", async (t) => {
  const { page, say } = await firstVisit(t, { connectionStateRecovery: {} });
  await page.evaluate(() => {
    // What another server would know nothing of.
    addEventListener("pagehide", () => {
      for (const [name, text] of Object.entries(sessionStorage)) {
        if (name.startsWith("greenroom:")) sessionStorage.setItem(name, JSON.stringify({ ...JSON.parse(text), pid: "unknown" }));
      }
    });
  });
  await page.reload();
  assert.equal((await visits(page, 2))[1].recovered, false);
  await page.waitForFunction(() => notes("joined").length === 2);
  await say(1);
  await page.waitForFunction(() => notes("ticks").at(-1) === 1);
  await page.reload();
  const [, second, third] = await visits(page, 3);
  assert.deepEqual(third, { id: second.id, recovered: true });
});

for (const options of [{ connectionStateRecovery: { storage: "local" } }, { removesLate: true }]) {
  test(`of tabs that find one session in localStorage, one gets it${options.removesLate ? ", even if all have read it" : ""}`, async (t) => {
    const { window, page } = await firstVisit(t, options);
    const [{ id }] = await visits(page, 1);
    await page.goto("about:blank");
    const tabs = await Promise.all([window.openPage(), window.openPage(), window.openPage()]);
    const all = (await Promise.all(tabs.map((tab) => visits(tab, 1)))).flat();
    assert.deepEqual(all.filter(({ recovered }) => recovered).map((visit) => visit.id), [id]);
    assert.equal(new Set(all.map((visit) => visit.id)).size, 3);
  });
}

test("a tab that opens beside a living one does not get its session", async (t) => {
  const { window, page } = await firstVisit(t, { connectionStateRecovery: { storage: "local" } });
  const other = await window.openPage();
  assert.equal((await visits(other, 1))[0].recovered, false);
  assert.equal(await page.evaluate(() => socket.connected), true);
});

/** What the page shows to be let in, from now on, over all its reloads: as it leaves the browser. */
function connects(page) {
  const all = [];
  const look = (text) => {
    for (const frame of text?.split("\x1e") ?? []) if (frame.startsWith("40")) all.push(JSON.parse(frame.slice(2) || "{}"));
  };
  page.on("request", (request) => look(request.postData()));
  page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => look(String(payload))));
  return all;
}

for (const [mode, storage] of [["polling", "session"], ["websocket", "local"], ["upgrade", "session"]]) {
  test(`auth that one page was given, the next one shows without being given it: ${mode}, ${storage}Storage`, async (t) => {
    const { page } = await firstVisit(t, { ...MODES[mode].options, connectionStateRecovery: { storage, auth: true } });
    await page.evaluate(() => (socket.auth = { token: "secret" }));
    const shown = connects(page);
    for (const visit of [2, 3]) {
      await page.reload();
      assert.equal((await visits(page, visit)).at(-1).recovered, true);
      assert.deepEqual(await page.evaluate(() => socket.auth), { token: "secret" });
    }
    assert.deepEqual(shown.map(({ token, pid }) => [token, typeof pid]), [["secret", "string"], ["secret", "string"]]);
    // Logged out: the next page knows nothing.
    await page.evaluate(() => socket.close());
    await page.reload();
    assert.equal((await visits(page, 4)).at(-1).recovered, false);
    assert.deepEqual(shown.slice(2), [{}]);
  });
}

test("auth is not kept unless this is asked for, nor if it is a function, nor where the new page sets its own", async (t) => {
  const asked = { connectionStateRecovery: { auth: true } };
  for (const [options, give, expected] of [
    [{ connectionStateRecovery: {} }, () => (socket.auth = { token: "secret" }), undefined],
    [asked, () => (socket.auth = (answer) => answer({ token: "secret" })), undefined],
    [{ ...asked, auth: { token: "the page's" } }, () => (socket.auth = { token: "secret" }), "the page's"],
  ]) {
    const { page } = await firstVisit(t, options);
    await page.evaluate(give);
    const shown = connects(page);
    await page.reload();
    assert.equal((await visits(page, 2))[1].recovered, true);
    assert.deepEqual(shown.map(({ token }) => token), [expected]);
  }
});
