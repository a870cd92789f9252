// The REST example in a browser: what one page or a request changes, the other page sees.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

import { findChromium } from "./lib/chromium.mjs";
import { isUsable } from "./lib/page.mjs";
import { startServer } from "./lib/server.mjs";

let server;
let browser;

before(async () => {
  mkdirSync(fileURLToPath(new URL("out", import.meta.url)), { recursive: true });
  server = await startServer("rest");
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
  browser = await chromium.launch({ executablePath: findChromium(), args: flags });
});

after(async () => {
  await browser?.close();
  assert.equal(await server?.stop(), 0, server?.log());
  assert.doesNotMatch(server.log(), /panicked/);
});

async function open(t, looks = {}) {
  const context = await browser.newContext({ viewport: { width: 900, height: 700 }, ...looks });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const complaints = [];
  // What a browser itself says of an answer that is 400.
  const complain = (text) => /status of 400/.test(text) || complaints.push(text);
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complain(message.text()));
  page.on("pageerror", (error) => complain(String(error)));
  t.after(async () => {
    await context.close();
    assert.deepEqual(complaints, []);
  });
  await page.goto(server.url);
  await page.getByText("Connected.").waitFor();
  return page;
}

const picture = (page, name) => page.screenshot({ path: fileURLToPath(new URL(`out/${name}.png`, import.meta.url)) });
const saw = (page, title, seats) => page.locator("#shows li", { hasText: title }).getByText(seats, { exact: true }).waitFor();

async function add(page, title, seats) {
  await page.getByLabel("Title").fill(title);
  await page.getByLabel("Seats").fill(String(seats));
  await page.getByRole("button", { name: "Add", exact: true }).click();
}

test("a show that one page adds is booked on another, and removed", async (t) => {
  const ada = await open(t);
  const bo = await open(t, { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
  await add(ada, " ", 1);
  await ada.getByText("a title has 1 to 80 characters").waitFor();
  await add(ada, "Noises Off", 1);
  await saw(bo, "Noises Off", "1 seat");
  await bo.getByRole("button", { name: "Book Noises Off" }).tap();
  await saw(ada, "Noises Off", "0 seats");
  assert.ok(await ada.getByRole("button", { name: "Book Noises Off" }).isDisabled());
  await add(ada, `<b>Hamlet</b> ${"long".repeat(15)}`, 20);
  await saw(bo, "<b>Hamlet</b>", "20 seats");
  await picture(ada, "rest");
  await picture(bo, "rest-phone");
  for (const page of [ada, bo]) await isUsable(page);
  await ada.getByRole("button", { name: "Remove Noises Off" }).click();
  await bo.locator("#shows li", { hasText: "Noises Off" }).waitFor({ state: "detached" });
});

test("a request from anywhere reaches the open pages, and later ones see the same", async (t) => {
  const ada = await open(t);
  const send = (method, path, body) =>
    fetch(`${server.url}${path}`, { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  const made = await send("POST", "/api/shows", { title: "Arcadia", seats: 7 });
  assert.equal(made.status, 201);
  await saw(ada, "Arcadia", "7 seats");
  await send("PUT", made.headers.get("location"), { title: "Arcadia", seats: 5 });
  await saw(ada, "Arcadia", "5 seats");
  await saw(await open(t), "Arcadia", "5 seats");
});
