// The auth example: its page in a browser, and a client that is revoked while it is away.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

import { findChromium } from "./lib/chromium.mjs";
import { client, heard } from "./lib/client.mjs";
import { isUsable } from "./lib/page.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { startServer } from "./lib/server.mjs";

let server;
let hasty;
let browser;

before(async () => {
  mkdirSync(fileURLToPath(new URL("out", import.meta.url)), { recursive: true });
  server = await startServer("auth");
  // Warns after a second, and shows out after three.
  hasty = await startServer("auth", { env: { ACCESS_SECONDS: "3", WARNING_SECONDS: "2" } });
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
  browser = await chromium.launch({ executablePath: findChromium(), args: flags });
});

after(async () => {
  await browser?.close();
  for (const one of [server, hasty]) {
    assert.equal(await one?.stop(), 0, one?.log());
    assert.doesNotMatch(one.log(), /panicked/);
  }
});

// ---------------------------------------------------------------- a client that is away

async function post(path, body) {
  const response = await fetch(`${server.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, ...(await response.json()) };
}

/** A connected client, cut off and ready to come back, and its tokens; and the code with which it is refused. */
async function away(t) {
  const proxy = await startProxy(server.port);
  t.after(() => proxy.stop());
  const login = { tokens: await post("/login", { name: "Ada" }) };
  const socket = client(t, proxy.url, { mode: "websocket", auth: (send) => send({ token: login.tokens.access }) });
  const welcome = heard(socket, "welcome");
  socket.connect();
  assert.deepEqual((await welcome).slice(0, 1), ["Ada"]);
  const gone = heard(socket, "disconnect");
  proxy.unplug();
  await gone;
  // While the network is away there are errors without data, too.
  const refused = new Promise((resolve, reject) => {
    socket.on("connect_error", (error) => error.data && resolve(error.data.code));
    socket.once("connect", () => reject(new Error("it was let in")));
  });
  return { socket, proxy, login, refused };
}

// Rows: CSR-02
test("who is revoked while away is refused on the way back", async (t) => {
  const { socket, proxy, login, refused } = await away(t);
  assert.equal((await post("/logout-everywhere", { token: login.tokens.access })).status, 200);
  proxy.plugIn();
  assert.equal(await refused, "unknown");
  assert.equal(socket.connected, false);
});

test("who refreshed while away is let in with the new token, and not with the old one", async (t) => {
  const { socket, proxy, login, refused } = await away(t);
  const next = await post("/refresh", { token: login.tokens.refresh });
  proxy.plugIn();
  assert.equal(await refused, "unknown");
  login.tokens = next;
  const back = heard(socket, "connect");
  socket.connect();
  await back;
  assert.equal(socket.recovered, true);
  assert.equal(await socket.emitWithAck("whoami"), "Ada");
});

test("a session is nobody else's, however good the token", async (t) => {
  const { proxy, login, refused } = await away(t);
  login.tokens = await post("/login", { name: "Bo" });
  proxy.plugIn();
  assert.equal(await refused, "somebody_else");
});

// ---------------------------------------------------------------- the page

const picture = (page, name) => page.screenshot({ path: fileURLToPath(new URL(`out/${name}.png`, import.meta.url)) });
const saw = (page, line) => page.locator("#log").getByText(line, { exact: true }).first().waitFor();
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();

/** What a browser itself says of an answer that is 400 or 401. */
const DENIED = /status of 40[01]/;

async function open(t, url = server.url, looks = {}) {
  const context = await browser.newContext({ viewport: { width: 900, height: 700 }, ...looks });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const complaints = [];
  const complain = (text) => DENIED.test(text) || complaints.push(text);
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complain(message.text()));
  page.on("pageerror", (error) => complain(String(error)));
  t.after(async () => {
    await context.close();
    assert.deepEqual(complaints, []);
  });
  await page.goto(url);
  return page;
}

async function login(page, name = "Ada") {
  await page.getByLabel("Your name").fill(name);
  await press(page, "Log in");
  await saw(page, "Connected.");
}

test("a page logs in, loses its connection, reloads, and logs out", async (t) => {
  const page = await open(t);
  await picture(page, "auth-door");
  await isUsable(page);
  await page.getByLabel("Your name").fill("x".repeat(30));
  await press(page, "Log in");
  await page.getByText("a name has 1 to 24 characters").waitFor();
  await login(page);
  await page.getByText("Connected as").waitFor();
  await press(page, "Refresh now");
  await saw(page, "Refreshed.");
  await press(page, "Lose the connection");
  await saw(page, "Disconnected: forced close.");
  await saw(page, "Back, in the same session.");
  await picture(page, "auth-in");
  await isUsable(page);
  await page.reload();
  await saw(page, "Connected.");
  await press(page, "Log out");
  await page.getByLabel("Your name").waitFor();
});

test("a logout everywhere reaches the user's other pages, and nobody else's", async (t) => {
  const [first, second, other] = [await open(t), await open(t), await open(t)];
  for (const page of [first, second]) await login(page, "Cleo");
  await login(other, "Bo");
  await press(first, "Log out everywhere");
  await saw(second, "Logged out: the token is not known, or was revoked.");
  await second.getByLabel("Your name").waitFor();
  await press(other, "Refresh now");
  await saw(other, "Refreshed.");
  assert.equal(await other.locator("#state").getAttribute("data-connected"), "true");
});

test("a page that refreshes stays, and one that does not is shown out and comes back with a refresh", async (t) => {
  const stays = await open(t, hasty.url);
  await login(stays, "Ada");
  const goes = await open(t, hasty.url, { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
  await goes.evaluate(() => (document.getElementById("auto").checked = false));
  await login(goes, "Bo");
  await saw(goes, "Disconnected: io server disconnect.");
  await saw(goes, "Refreshed.");
  await goes.locator("#log").getByText("Connected.", { exact: true }).nth(1).waitFor();
  await stays.locator("#log").getByText("Refreshed.", { exact: true }).nth(1).waitFor();
  assert.equal(await stays.getByText(/^Disconnected/).count(), 0);
  await picture(goes, "auth-phone");
  await isUsable(goes);
});
