// The tour in a browser: every snippet runs as it is written, from http://localhost:3000, and does what it says.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

import { findChromium } from "./lib/chromium.mjs";
import { isUsable, UNPLUGGED } from "./lib/page.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { startServer } from "./lib/server.mjs";

const ADDRESS = "http://localhost:3000";
const PATIENCE = 30_000;

let server;
let browser;

before(async () => {
  mkdirSync(fileURLToPath(new URL("out", import.meta.url)), { recursive: true });
  server = await startServer("tour");
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
  // The address stands in a snippet; the server has whatever port was free.
  flags.push(`--host-resolver-rules=MAP localhost:3000 127.0.0.1:${server.port}`);
  browser = await chromium.launch({ executablePath: findChromium(), args: flags });
});

after(async () => {
  await browser?.close();
  const code = await server?.stop();
  assert.equal(code, 0, server?.log());
  assert.doesNotMatch(server.log(), /panicked/);
});

/** The page of a stop; its console must stay silent, but for what `may` be said. */
async function visit(t, stop, { url = ADDRESS, may = /^$/, ...looks } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...looks });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const complaints = [];
  const complain = (text) => may.test(text) || complaints.push(text);
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complain(message.text()));
  page.on("pageerror", (error) => complain(String(error)));
  t.after(async () => {
    await context.close();
    assert.deepEqual(complaints, []);
  });
  await page.goto(`${url}/${stop}`);
  return page;
}

const lines = (page) => page.locator("#log li").allTextContents();
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const picture = (page, name) => page.screenshot({ path: fileURLToPath(new URL(`out/${name}.png`, import.meta.url)), fullPage: true });

/** Until the page's console has these lines, and no others. */
async function tells(page, ...expected) {
  const told = (count) => document.querySelectorAll("#log li").length >= count;
  await page.waitForFunction(told, expected.length).catch(() => {});
  assert.deepEqual(await lines(page), expected);
}

const saw = (page, line) => page.locator("#log").getByText(line, { exact: true }).waitFor();

/** Until the server has printed the line once more than it had. */
const prints = (line) => server.printed(line, server.output().filter((printed) => printed === line).length + 1);

// Rows: CLI-01
test("a server and a client", async (t) => {
  const came = prints("Клиент подключен");
  const page = await visit(t, "connect");
  await came;
  await tells(page, "Подключено к серверу");
  await picture(page, "tour-connect");
  const gone = prints("Клиент отключен");
  await page.context().close();
  await gone;
});

test("events reach everybody, one, or everybody else", async (t) => {
  const [ada, bo] = [await visit(t, "events"), await visit(t, "events")];
  for (const page of [ada, bo]) await page.evaluate(() => socket.connected || new Promise((resolve) => socket.once("connect", resolve)));
  await press(ada, "io.emit");
  await tells(ada, "всем");
  await tells(bo, "всем");
  await press(ada, "socket.broadcast.emit");
  await tells(bo, "всем", "всем, кроме меня");
  await press(ada, "socket.emit");
  await tells(ada, "всем", "только мне");
  // Behind everything that was sent before it.
  await press(bo, "io.emit");
  await tells(ada, "всем", "только мне", "всем");
  await tells(bo, "всем", "всем, кроме меня", "всем");
});

test("objects go both ways", async (t) => {
  const arrived = prints('Pair { key: "value" }');
  const page = await visit(t, "json");
  await tells(page, '{"key":"value"}');
  await arrived;
});

test("a room is joined, spoken to, and left", async (t) => {
  const [ada, bo] = [await visit(t, "rooms"), await visit(t, "rooms")];
  await press(bo, "io.to('room1').emit");
  for (const page of [ada, bo]) {
    await press(page, "socket.join('room1')");
    await tells(page, "в комнате");
  }
  await press(ada, "io.to('room1').emit");
  await tells(ada, "в комнате", "Привет, комната!");
  await press(ada, "socket.broadcast.to('room1').emit");
  await tells(bo, "в комнате", "Привет, комната!", "Привет, соседи!");
  await press(bo, "socket.leave('room1')");
  await tells(bo, "в комнате", "Привет, комната!", "Привет, соседи!", "не в комнате");
  await press(ada, "io.to('room1').emit");
  await tells(ada, "в комнате", "Привет, комната!", "Привет, комната!");
  await tells(bo, "в комнате", "Привет, комната!", "Привет, соседи!", "не в комнате");
  await picture(bo, "tour-rooms");
});

/** The socket's id and whether it was recovered, as told for the `count`th time. */
async function session(page, count) {
  const told = page.locator("#log li", { hasText: "recovered: " }).nth(count - 1);
  const [, id, recovered] = /^(.{20}), recovered: (true|false)$/.exec(await told.textContent());
  return { id, recovered };
}

/** How often the server has run its middleware. */
const checks = () => server.output().filter((line) => line === "middleware").length;

test("a lost connection comes back with its id and with what it missed, unchecked as the option says", async (t) => {
  const proxy = await startProxy(server.port);
  t.after(() => proxy.stop());
  const other = await visit(t, "events");
  const known = prints('Данные аутентификации: {"token":"secret"}');
  const page = await visit(t, "recovery", { url: proxy.url, may: UNPLUGGED });
  const first = await session(page, 1);
  assert.equal(first.recovered, "false");
  await known;
  await press(page, "message");
  await saw(page, "Данные получены");

  const before = checks();
  const back = prints(`Сессия: ${first.id}`);
  proxy.unplug();
  await saw(page, "Попытка 1...");
  await press(other, "io.emit");
  await tells(other, "всем");
  proxy.plugIn();
  assert.deepEqual(await session(page, 2), { id: first.id, recovered: "true" });
  await back;
  await saw(page, "Соединение восстановлено!");
  await saw(page, "всем");
  assert.equal(checks(), before);
  assert.equal((await lines(page)).filter((line) => line === "всем").length, 1);
  await picture(page, "tour-recovery");
});

test("the page's own button loses the connection, and a reload comes back too", async (t) => {
  const page = await visit(t, "recovery");
  const { id } = await session(page, 1);
  await press(page, "message");
  await saw(page, "Данные получены");
  await press(page, "lose the connection");
  assert.deepEqual(await session(page, 2), { id, recovered: "true" });
  await page.reload();
  assert.deepEqual(await session(page, 1), { id, recovered: "true" });
});

test("pages on different threads share a room", async (t) => {
  const thread = async (page) => {
    await page.locator("#log li").first().waitFor();
    return (await lines(page))[0].replace("на потоке ", "");
  };
  const ada = await visit(t, "cluster");
  const home = await thread(ada);
  let bo = await visit(t, "cluster");
  // The threads take connections in turn, but a browser may open one to spare.
  for (let more = 8; (await thread(bo)) === home; more -= 1) {
    assert.ok(more > 0, "there is another thread");
    bo = await visit(t, "cluster");
  }
  await press(bo, "io.to('cluster').emit");
  const said = `привет с потока ${await thread(bo)}`;
  await tells(ada, `на потоке ${home}`, said);
  await tells(bo, `на потоке ${await thread(bo)}`, said);
});

test("either side closes, and the other is told", async (t) => {
  const page = await visit(t, "closing");
  await tells(page, "подключено");
  const id = () => page.evaluate(() => socket.id);
  const first = await id();
  await press(page, "socket.close()");
  await tells(page, "подключено", "io client disconnect");
  await server.printed(`${first}: client namespace disconnect`);
  await press(page, "socket.connect()");
  await tells(page, "подключено", "io client disconnect", "подключено");
  const second = await id();
  await press(page, "socket.disconnect() on the server");
  await tells(page, "подключено", "io client disconnect", "подключено", "io server disconnect");
  await server.printed(`${second}: server namespace disconnect`);
});

test("the last snippet, both ways", async (t) => {
  const arrived = prints("Получено от клиента: Привет, сервер!");
  const page = await visit(t, "example");
  await tells(page, 'Сервер говорит: {"message":"Добро пожаловать!"}');
  await arrived;
});

test("every stop is linked, shows the code that runs, and fits a phone", async (t) => {
  const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };
  const page = await visit(t, "", phone);
  await picture(page, "tour-phone");
  await isUsable(page);
  const stops = await page.locator(".list a").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  assert.deepEqual(stops, ["/connect", "/events", "/json", "/rooms", "/recovery", "/cluster", "/closing", "/example"]);
  for (const stop of stops) {
    await page.goto(`${ADDRESS}${stop}`);
    const script = await (await fetch(`${server.url}/stops${stop}.js`)).text();
    assert.ok((await page.locator("pre").allTextContents()).includes(script), stop);
    await isUsable(page);
    assert.equal(await page.locator("nav [aria-current=page]").getAttribute("href"), stop);
  }
  await page.goto(`${ADDRESS}/rooms`);
  await picture(page, "tour-phone-rooms");
});
