// The presence example in a browser: people, their tabs, and what these say of themselves.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { isUsable, launch, NARROW, person, PHONE, picture, UNPLUGGED } from "./lib/page.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { startServer } from "./lib/server.mjs";

let server;
let browser;

before(async () => {
  // With the client that people get who do nothing about it.
  server = await startServer("presence", { env: { SOCKET_IO_CLIENT_DIST: "" } });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  assert.equal(await server?.stop(), 0, server?.log());
  assert.doesNotMatch(server.log(), /panicked/);
});

/** A first tab of somebody's browser, in the room. */
async function enter(t, name, room, { url = server.url, ...looks } = {}) {
  const context = await person(t, browser, looks);
  const page = await context.newPage();
  await page.goto(`${url}/#${room}`);
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Come in" }).click();
  await here(page, name, 1);
  return page;
}

/** Another tab of the same browser, which knows the name already. */
async function another(page) {
  const tab = await page.context().newPage();
  await tab.goto(page.url());
  return tab;
}

const card = (page, name) => page.locator("#people .person").filter({ has: page.getByRole("heading", { name: new RegExp(`^${name}( you)?$`) }) });
const says = (page, text) => page.locator("#people").getByText(text, { exact: true }).waitFor();

/** Until the page shows the person with so many tabs. */
const here = (page, name, tabs) =>
  page.waitForFunction(
    ([name, tabs]) => [...document.querySelectorAll(".person")].some((card) =>
      card.querySelector("bdi").textContent === name && card.querySelectorAll(".tab").length === tabs),
    [name, tabs],
  );

test("a person with two tabs is one person, and leaves with the last", async (t) => {
  const ada = await enter(t, "Ada", "Corridor");
  const first = await enter(t, "Bo", "Corridor");
  const second = await another(first);
  for (const page of [ada, first, second]) {
    await here(page, "Bo", 2);
    await page.getByRole("heading", { name: "2 people are here" }).waitFor();
  }
  assert.equal(await card(second, "Bo").getByText("Computer, this tab").count(), 1);
  await ada.evaluate(() => {
    const people = document.getElementById("people");
    globalThis.lost = 0;
    new MutationObserver(() => (lost += people.querySelectorAll(".absence").length)).observe(people, { childList: true });
  });

  await first.close({ runBeforeUnload: true });
  await here(ada, "Bo", 1);
  await here(second, "Bo", 1);
  assert.equal(await ada.getByText("Bo left.").count(), 0);

  await second.close({ runBeforeUnload: true });
  await card(ada, "Bo").waitFor({ state: "detached" });
  await ada.getByText("Bo left.").waitFor();
  await ada.getByRole("heading", { name: "1 person is here" }).waitFor();
  assert.equal(await ada.evaluate(() => lost), 0, "who closes a tab has not lost the network");
});

test("each tab says what it is doing, and a late-comer sees it", async (t) => {
  const ada = await enter(t, "Ada", "Workshop");
  const bo = await enter(t, "Bo", "Workshop", PHONE);
  const nasty = `<img src=x onerror="document.title='owned'">`;
  await bo.getByLabel("What you are doing").fill(nasty);
  await bo.getByRole("button", { name: "Say so" }).tap();
  await says(ada, nasty);
  const tab = await another(ada);
  await tab.getByLabel("What you are doing").fill("mending the curtain");
  await tab.keyboard.press("Enter");
  await says(bo, "mending the curtain");
  const cleo = await enter(t, "Cleo", "Workshop", { colorScheme: "dark" });
  await says(cleo, nasty);
  await says(cleo, "mending the curtain");
  await card(cleo, "Bo").getByText("Phone").waitFor();
  await here(cleo, "Ada", 2);
  assert.match(await cleo.title(), /^Workshop/);
  await here(bo, "Cleo", 1);
  await picture(ada, "presence");
  await picture(bo, "presence-phone");
  await picture(cleo, "presence-dark");
  for (const page of [ada, bo, cleo]) await isUsable(page);
});

test("who loses the network is away, and comes back as the same", async (t) => {
  const proxy = await startProxy(server.port);
  t.after(() => proxy.stop());
  const ada = await enter(t, "Ada", "Cellar");
  const may = [UNPLUGGED];
  const bo = await enter(t, "Bo", "Cellar", { url: proxy.url, may });
  await here(ada, "Bo", 1);
  proxy.unplug();
  await card(ada, "Bo").getByText("connection lost").waitFor();
  await bo.locator("#state", { hasText: "The server cannot be reached" }).waitFor();
  await enter(t, "Cleo", "Cellar");
  await here(ada, "Cleo", 1);
  await picture(ada, "presence-away");
  assert.deepEqual(await ada.locator(".person bdi:not(.status)").allTextContents(), ["Ada", "Bo", "Cleo"]);
  await isUsable(ada);
  proxy.plugIn();
  await card(ada, "Bo").getByText("connection lost").waitFor({ state: "detached" });
  // What happened meanwhile, it was told.
  await here(bo, "Cleo", 1);
  await here(bo, "Bo", 1);
});

test("who goes to another room, or comes under another name, is gone from the first", async (t) => {
  const ada = await enter(t, "Ada", "Attic");
  // What a browser says of an upgrade that was still under way when its page disconnected.
  const bo = await enter(t, "constructor", "Attic", { may: [/WebSocket connection to/] });
  await here(ada, "constructor", 1);
  await bo.getByLabel("Go to another room").fill("Roof & rain");
  await bo.keyboard.press("Enter");
  await bo.getByRole("heading", { name: "Roof & rain" }).waitFor();
  await here(bo, "constructor", 1);
  await card(ada, "constructor").waitFor({ state: "detached" });
  assert.equal(await card(bo, "Ada").count(), 0);

  await bo.getByRole("button", { name: "Change name" }).click();
  await bo.getByLabel("Your name").fill("x".repeat(25));
  await bo.keyboard.press("Enter");
  await bo.getByRole("alert").getByText("a name has 1 to 24 characters").waitFor();
  await bo.getByLabel("Your name").fill("Bo");
  await bo.keyboard.press("Enter");
  await here(bo, "Bo", 1);
  await bo.getByRole("heading", { name: "1 person is here" }).waitFor();
});

test("on a narrow phone everything fits, before and behind the door", async (t) => {
  const context = await person(t, browser, NARROW);
  const page = await context.newPage();
  await page.goto(`${server.url}/#Broom%20cupboard`);
  await page.getByLabel("Your name").waitFor();
  await isUsable(page);
  await picture(page, "presence-door");
  await page.getByLabel("Your name").fill("W".repeat(24));
  await page.getByRole("button", { name: "Come in" }).tap();
  await here(page, "W".repeat(24), 1);
  await page.getByLabel("What you are doing").fill("long".repeat(20));
  await page.getByRole("button", { name: "Say so" }).tap();
  await says(page, "long".repeat(20));
  await isUsable(page);
  await picture(page, "presence-narrow");
});
