// The chat example in a browser. What is seen of it is kept as pictures in out/.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { client, heard } from "./lib/client.mjs";
import { CONTRACT } from "./lib/contract.mjs";
import { isUsable, launch, NARROW, person, PHONE, picture, UNPLUGGED, weakTexts } from "./lib/page.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { startServer } from "./lib/server.mjs";

let server;
let browser;

before(async () => {
  // With the client that people get who do nothing about it.
  server = await startServer("chat", { env: { SOCKET_IO_CLIENT_DIST: "" } });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  const code = await server?.stop();
  assert.equal(code, 0, server?.log());
  assert.doesNotMatch(server.log(), /panicked/);
});

// What a browser that is cut off says of its requests, and of an upgrade that was still under way.
const OFFLINE = [/ERR_INTERNET_DISCONNECTED|WebSocket connection to/];

/** A browser of its own, with the page open at its door; its console must stay silent. */
async function visit(t, { url = server.url, room = "Lobby", ...looks } = {}) {
  const context = await person(t, browser, looks);
  const page = await context.newPage();
  await page.goto(`${url}/#${encodeURIComponent(room)}`);
  return page;
}

async function online(page) {
  await page.locator("#state[data-state=online]").waitFor();
}

/** A page whose person is in the room. */
async function enter(t, name, options) {
  const page = await visit(t, options);
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Come in" }).click();
  await online(page);
  // On a phone the list is there, but out of sight.
  await page.locator("#people li", { hasText: name }).waitFor({ state: "attached" });
  return page;
}

async function say(page, text) {
  await page.getByLabel("Your line").fill(text);
  await page.getByRole("button", { name: "Say", exact: true }).click();
}

const lines = (page) => page.locator("#lines .words").allTextContents();
const sees = (page, text) => page.locator("#lines .words").getByText(text, { exact: true }).first().waitFor();
const people = (page) => page.locator("#people bdi").allTextContents();
const allSent = (page) => page.waitForFunction(() => !document.querySelector("#lines [data-state=waiting]"));
/** Until the list of people is these; a page puts its own person first. */
const sawPeople = (page, names) =>
  page.waitForFunction(
    (names) => [...document.querySelectorAll("#people bdi")].map((node) => node.textContent).join() === names.join(),
    names,
  );

// Rows: BND-02, CLI-01
test("two people talk, see each other type, and see who is here", async (t) => {
  const ada = await enter(t, "Ada");
  await picture(ada, "alone");
  const bo = await enter(t, "Bo", { colorScheme: "dark" });
  await sawPeople(ada, ["Ada", "Bo"]);
  await sawPeople(bo, ["Bo", "Ada"]);

  await say(ada, "Is anybody back here already?");
  await sees(bo, "Is anybody back here already?");
  await say(bo, "Me. They moved the first act to eight.");
  await sees(ada, "Me. They moved the first act to eight.");
  const both = ["Is anybody back here already?", "Me. They moved the first act to eight."];
  assert.deepEqual(await lines(ada), both);
  assert.deepEqual(await lines(bo), both);

  await bo.getByLabel("Your line").pressSequentially("Wait, th");
  await ada.locator("#typing", { hasText: "Bo is typing" }).waitFor();
  await picture(ada, "typing");
  await picture(bo, "dark");
  await bo.getByLabel("Your line").fill("");
  await ada.waitForFunction(() => document.querySelector("#typing").textContent === "");

  await bo.context().close();
  await sawPeople(ada, ["Ada"]);
  await ada.getByText("Exit Bo.").waitFor();
});

test("a late-comer reads what was said, and rooms are apart", async (t) => {
  const ada = await enter(t, "Ada", { room: "Wardrobe" });
  await say(ada, "Who took my hat?");
  await allSent(ada);
  const bo = await enter(t, "Bo", { room: "Wardrobe" });
  await sees(bo, "Who took my hat?");
  const cleo = await enter(t, "Cleo", { room: "Stage door" });
  assert.deepEqual(await lines(cleo), []);
  await cleo.locator("#rooms button", { hasText: "Wardrobe" }).click();
  await sees(cleo, "Who took my hat?");
  await sawPeople(ada, ["Ada", "Bo", "Cleo"]);
});

test("markup that somebody writes stays text", async (t) => {
  const ada = await enter(t, "<b>Ada</b>", { room: "<i>Props</i>" });
  const bo = await enter(t, "Bo", { room: "<i>Props</i>" });
  const nasty = `<img src=x onerror="document.title='owned'"><script>document.title="owned"</script> & &amp;`;
  await say(ada, nasty);
  await sees(bo, nasty);
  assert.deepEqual(await lines(bo), [nasty]);
  assert.deepEqual(await people(bo), ["Bo", "<b>Ada</b>"]);
  for (const page of [ada, bo]) {
    assert.equal(await page.locator("#chat img, #chat script, #chat b, #chat i:not(.dots i)").count(), 0);
    assert.match(await page.title(), /^<i>Props<\/i> · Greenroom$/);
  }
  await picture(bo, "markup");
});

// Rows: CLI-04, DLV-03
test("who loses the network keeps writing, and everybody sees every line once", async (t) => {
  const proxy = await startProxy(server.port);
  t.after(() => proxy.stop());
  const may = [UNPLUGGED];
  const ada = await enter(t, "Ada", { url: proxy.url, room: "Cellar", may });
  const bo = await enter(t, "Bo", { room: "Cellar" });
  await say(ada, "one");
  await sees(bo, "one");

  proxy.unplug();
  await ada.locator("#state[data-state=reconnecting]").waitFor();
  await sawPeople(bo, ["Bo"]);
  await say(ada, "two, from the cellar");
  await say(ada, "three, from the cellar");
  await say(bo, "Ada is gone.");
  await allSent(bo);
  assert.deepEqual(await lines(bo), ["one", "Ada is gone."]);
  await picture(ada, "offline");

  proxy.plugIn();
  await online(ada);
  await sees(ada, "Ada is gone.");
  await allSent(ada);
  await sees(bo, "three, from the cellar");
  await say(ada, "back again");
  await sees(bo, "back again");
  const all = ["one", "Ada is gone.", "two, from the cellar", "three, from the cellar", "back again"];
  assert.deepEqual(await lines(bo), all);
  assert.deepEqual(await lines(ada), all);
  await sawPeople(bo, ["Bo", "Ada"]);
  await picture(ada, "back");
});

// Rows: DLV-03
test("a line whose acknowledgement was lost is shown once", async (t) => {
  const proxy = await startProxy(server.port);
  t.after(() => proxy.stop());
  const may = [UNPLUGGED];
  const ada = await enter(t, "Ada", { url: proxy.url, room: "Attic", may });
  const bo = await enter(t, "Bo", { room: "Attic" });
  await allSent(ada);
  // Long enough that the line reaches Bo while its acknowledgement is still under way.
  proxy.delay(700);
  await say(ada, "said once");
  await sees(bo, "said once");
  proxy.unplug();
  await ada.locator("#state[data-state=reconnecting]").waitFor();
  assert.equal(await ada.locator("#lines [data-state=waiting]").count(), 1);
  proxy.delay(0);
  proxy.plugIn();
  await online(ada);
  await allSent(ada);
  await say(ada, "and then");
  await sees(bo, "and then");
  for (const page of [ada, bo]) assert.deepEqual(await lines(page), ["said once", "and then"]);
});

// Rows: DLV-05
test("a line that comes twice with one key is said once, and acknowledged alike", async (t) => {
  const [ada, bo] = ["Ada", "Bo"].map((name) => client(t, server.url, { mode: "websocket", auth: { name } }));
  for (const socket of [ada, bo]) {
    const connected = heard(socket, "connect");
    socket.connect();
    await connected;
    assert.equal((await socket.emitWithAck("join", "Boiler room")).ok, true);
  }
  const said = [];
  const end = new Promise((resolve) => {
    bo.on("message", ({ text }) => said.push(text) && text === "Warm enough." && resolve());
  });
  const first = await ada.emitWithAck("say", "Boiler room", "It is warm here.", "key 1");
  const again = await ada.emitWithAck("say", "Boiler room", "It is warm here.", "key 1");
  assert.equal(first.ok, true);
  assert.deepEqual(again, first);
  // The next line comes behind whatever was said before it.
  ada.emit("say", "Boiler room", "Warm enough.", "key 2");
  await end;
  assert.deepEqual(said, ["It is warm here.", "Warm enough."]);
});

test("a page that its browser calls offline says so, and comes back at once", async (t) => {
  const ada = await enter(t, "Ada", { room: "Roof", may: OFFLINE });
  await ada.context().setOffline(true);
  await ada.waitForFunction(() => navigator.onLine === false);
  await say(ada, "Is there a signal up here?");
  await ada.context().setOffline(false);
  await online(ada);
  await allSent(ada);
  const bo = await enter(t, "Bo", { room: "Roof" });
  await sees(bo, "Is there a signal up here?");
  assert.deepEqual(await lines(bo), ["Is there a signal up here?"]);
});

test("the page tells the server which contract it was built for", async (t) => {
  const page = await visit(t);
  const connect = page.waitForRequest((request) => request.postData()?.startsWith("40{") ?? false);
  await page.getByLabel("Your name").fill("Ada");
  await page.getByRole("button", { name: "Come in" }).click();
  assert.deepEqual(JSON.parse((await connect).postData().slice(2)), { name: "Ada", $contract: CONTRACT });
});

test("a bad name is refused at the door", async (t) => {
  const page = await visit(t);
  await picture(page, "door");
  await page.getByLabel("Your name").fill("x".repeat(25));
  await page.getByRole("button", { name: "Come in" }).click();
  await page.getByRole("alert").getByText("at most 24 fit").waitFor();
  assert.equal(await page.getByLabel("Your name").getAttribute("aria-invalid"), "true");
});

test("on a phone the lists are drawers, and nothing is wider than the screen", async (t) => {
  const door = await visit(t, PHONE);
  await picture(door, "phone-door");
  await isUsable(door);
  const ada = await enter(t, "Ada", { ...PHONE, room: "Tour bus" });
  const bo = await enter(t, "Bo with a longish name", { room: "Tour bus" });
  await say(bo, `Look: https://example.org/${"long".repeat(60)}`);
  await say(bo, "We are late.");
  await sees(ada, "We are late.");
  await say(ada, "How late? I am still on the tram, it stands at the bridge.");
  await allSent(ada);
  await isUsable(ada);
  await picture(ada, "phone");

  const rooms = ada.getByRole("button", { name: /^Rooms/ });
  const here = ada.getByRole("button", { name: "2 here" });
  const settled = (panel) =>
    ada.waitForFunction((id) => document.getElementById(id).getAnimations().length === 0, panel);
  await rooms.tap();
  await ada.locator("#rooms button", { hasText: "Tour bus" }).waitFor();
  await settled("rooms-panel");
  assert.equal(await rooms.getAttribute("aria-expanded"), "true");
  assert.equal(await ada.locator("#rooms-panel :focus").count(), 1);
  await picture(ada, "phone-rooms");
  await isUsable(ada);
  await ada.keyboard.press("Escape");
  assert.ok(await rooms.evaluate((button) => button === document.activeElement));
  await here.tap();
  await ada.locator("#people li").first().waitFor();
  await settled("people-panel");
  await picture(ada, "phone-people");
  await isUsable(ada);
  await ada.keyboard.press("Escape");
  const cleo = await enter(t, "Cleo", { ...NARROW, room: "Tour bus" });
  await sees(cleo, "We are late.");
  await isUsable(cleo);
  await picture(cleo, "phone-narrow");
});

test("everything can be done with the keyboard", async (t) => {
  const bo = await enter(t, "Bo", { room: "Dressing room" });
  const ada = await visit(t, { room: "Dressing room" });
  await ada.keyboard.type("Ada");
  await ada.keyboard.press("Enter");
  await online(ada);
  await ada.keyboard.type("two");
  await ada.keyboard.press("Shift+Enter");
  await ada.keyboard.type("lines");
  await ada.keyboard.press("Enter");
  await sees(bo, "two\nlines");
  const focused = () => ada.evaluate(() => document.activeElement.dataset.room);
  for (let steps = 0; (await focused()) !== "Rehearsal"; steps += 1) {
    assert.ok(steps < 30, "the list of rooms is within reach");
    await ada.keyboard.press("Shift+Tab");
  }
  await ada.keyboard.press("Enter");
  await ada.getByRole("heading", { name: "Rehearsal", exact: true }).waitFor();
  await ada.keyboard.type("alone here");
  await ada.keyboard.press("Enter");
  await sees(ada, "alone here");
});

test("a person with two windows is one person, and leaves with the last", async (t) => {
  const bo = await enter(t, "Bo", { room: "Corridor" });
  const first = await enter(t, "Ada", { room: "Corridor" });
  const second = await enter(t, "Ada", { room: "Corridor" });
  await say(second, "from the second window");
  await sees(first, "from the second window");
  await sawPeople(bo, ["Bo", "Ada"]);
  await first.context().close();
  await say(second, "still here");
  await sees(bo, "still here");
  assert.equal(await bo.getByText("Exit Ada.").count(), 0);
  await second.context().close();
  await bo.getByText("Exit Ada.").waitFor();
});

for (const colorScheme of ["light", "dark"]) {
  test(`every text stands out from its background (${colorScheme})`, async (t) => {
    const room = `Mirror ${colorScheme}`;
    const ada = await enter(t, "Ada", { room, colorScheme, may: OFFLINE });
    const bo = await enter(t, "Bo", { room });
    await say(ada, "mine");
    await say(bo, "yours");
    await sees(ada, "yours");
    await ada.context().setOffline(true);
    await ada.locator("#state[data-state=offline]").waitFor();
    await say(ada, "not yet sent");
    await ada.locator("#lines [data-state=waiting]").waitFor();
    assert.deepEqual(await ada.evaluate(weakTexts), []);
    await ada.context().setOffline(false);
    await allSent(ada);
  });
}
