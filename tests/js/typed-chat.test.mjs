// The typed chat: what the compiler says of its page, whether what runs is what was compiled, and the page in a browser.
//
// `UPDATE_PAGES=1 node --test typed-chat.test.mjs` compiles the page anew.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { isUsable, launch, NARROW, person, PHONE, picture, UNPLUGGED } from "./lib/page.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { startServer } from "./lib/server.mjs";
import { compile, mistakes, replaced } from "./lib/typescript.mjs";

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const EXAMPLE = file("../../examples/typed-chat");
const [PROJECT, PAGE] = [`${EXAMPLE}/tsconfig.json`, `${EXAMPLE}/static/page.ts`];
/** A project that was copied out has its own, by `npm install`. */
const PATHS = { "socket.io-client": [file("node_modules/socket.io-client")] };

let server;
let browser;

before(async () => {
  server = await startServer("typed-chat", { env: { SOCKET_IO_CLIENT_DIST: "" } });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  assert.equal(await server?.stop(), 0, server?.log());
  assert.doesNotMatch(server.log(), /panicked/);
});

test("the page compiles, and what runs is what was compiled", () => {
  const { mistakes, written } = compile(PROJECT, { paths: PATHS });
  assert.deepEqual(mistakes, []);
  assert.deepEqual(Object.keys(written), [`${EXAMPLE}/static/page.js`]);
  for (const [name, text] of Object.entries(written)) {
    if (process.env.UPDATE_PAGES) writeFileSync(name, text);
    assert.equal(readFileSync(name, "utf8"), text, `${name} is stale: UPDATE_PAGES=1 node --test typed-chat.test.mjs`);
  }
});

test("a page that sends, hears, draws or explains something else than the server does not compile", () => {
  for (const [from, to] of [
    ['emitWithAck("say", text', 'emitWithAck("says", text'],
    ['emitWithAck("say", text.value.trim(), replyTo)', 'emitWithAck("say", replyTo, text.value.trim())'],
    ['emitWithAck("react", id, reaction)', 'emitWithAck("react", id, "tomatoes")'],
    ['emitWithAck("react", id, reaction)', 'emitWithAck("react", reaction)'],
    ["retally(id, answer.data)", "retally(id, answer.data.applause)"],
    ['socket.on("reacted", retally)', 'socket.on("reacted", add)'],
    ['socket.on("posted", add)', 'socket.on("poster", add)'],
    ["{ name: me, $contract: CONTRACT }", "{ nick: me, $contract: CONTRACT }"],
    ['    case "left":\n      return element("li", "note", `${post.who} left.`);\n', ""],
    ['flowers: "Flowers" }', "}"],
    ['  no_such_post: "That post is not there any more.",\n', ""],
    ['  bad_name: "A name has 1 to 24 characters.",\n', ""],
    ["post.reply_to === null", "post.replies_to === null"],
  ]) {
    assert.notDeepEqual(mistakes(PROJECT, replaced(PAGE, from, to), PATHS), [], `${from} → ${to}`);
  }
});

test("a server that changed does not compile with the page of before", () => {
  const types = `${EXAMPLE}/static/contract.d.ts`;
  for (const [from, to] of [
    ['"applause" | "laughter" | "flowers"', '"applause" | "laughter" | "flowers" | "silence"'],
    ['  | "no_such_post";', '  | "no_such_post"\n  | "too_late";'],
    ['| { kind: "left"; id: number; who: string }', '| { kind: "left"; id: number; who: string }\n  | { kind: "slept"; id: number }'],
    ["reacted: (id: number, tally: Tally) => void;", "reacted: (id: string, tally: Tally) => void;"],
  ]) {
    assert.notDeepEqual(mistakes(PROJECT, replaced(types, from, to), PATHS), [], from);
  }
});

async function visit(t, { url = server.url, ...looks } = {}) {
  const context = await person(t, browser, looks);
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

async function enter(t, name, looks) {
  const page = await visit(t, looks);
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Come in" }).click();
  await page.getByText("Connected", { exact: true }).waitFor();
  return page;
}

async function say(page, text) {
  await page.getByLabel("Your words").fill(text);
  await page.getByRole("button", { name: "Say", exact: true }).click();
}

const words = (page) => page.locator(".said .text").allTextContents();

const said = (page, text) => page.locator(".said").filter({ has: page.locator(".text", { hasText: new RegExp(`^${text}$`) }) });

test("two people talk, reply and applaud", async (t) => {
  const ada = await enter(t, "Ada");
  const bo = await enter(t, "Bo", PHONE);
  await ada.getByText("Bo came.").waitFor();
  await say(ada, "Curtain at eight!");
  await said(bo, "Curtain at eight!").locator(".who").getByText("Ada", { exact: true }).waitFor();
  assert.equal(await ada.getByLabel("Your words").inputValue(), "");
  await said(bo, "Curtain at eight!").getByRole("button", { name: "Bravo, 0" }).tap();
  await said(ada, "Curtain at eight!").getByRole("button", { name: "Bravo, 1" }).waitFor();
  await said(bo, "Curtain at eight!").getByRole("button", { name: "Reply" }).tap();
  await bo.locator("#replied").getByText("Ada: Curtain at eight!").waitFor();
  await isUsable(bo);
  await say(bo, `<b>on</b> ${"time".repeat(30)}`);
  const reply = ada.locator(".said", { hasText: "<b>on</b>" });
  await reply.locator("q").getByText("Curtain at eight!").waitFor();
  assert.equal(await bo.locator("#replying").isHidden(), true);
  for (const page of [ada, bo]) assert.deepEqual(await words(page), ["Curtain at eight!", `<b>on</b> ${"time".repeat(30)}`]);
  assert.deepEqual(await bo.locator(".mine .who").allTextContents(), ["Bo"]);
  // Once more takes it back.
  await said(bo, "Curtain at eight!").getByRole("button", { name: "Bravo, 1" }).tap();
  await said(ada, "Curtain at eight!").getByRole("button", { name: "Bravo, 0" }).waitFor();
  await reply.getByRole("button", { name: "Flowers, 0" }).click();
  await reply.getByRole("button", { name: "Flowers, 1" }).waitFor();

  await say(ada, " ");
  await ada.getByRole("alert").getByText("A post has 1 to 500 characters.").waitFor();
  const cleo = await enter(t, "Cleo", { colorScheme: "dark" });
  await cleo.locator(".said", { hasText: "<b>on</b>" }).getByRole("button", { name: "Flowers, 1" }).waitFor();
  await picture(ada, "typed-chat");
  await picture(bo, "typed-chat-phone");
  await picture(cleo, "typed-chat-dark");
  for (const page of [ada, bo, cleo]) await isUsable(page);
  await bo.context().close();
  await ada.getByText("Bo left.").waitFor();
});

test("who thinks better of it does not reply", async (t) => {
  const ada = await enter(t, "Ada");
  await say(ada, "To be,");
  await said(ada, "To be,").getByRole("button", { name: "Reply" }).click();
  await ada.getByRole("button", { name: "Do not reply" }).click();
  assert.equal(await ada.locator("#replying").isHidden(), true);
  await say(ada, "or not to be");
  await said(ada, "or not to be").waitFor();
  assert.equal(await said(ada, "or not to be").locator("q").count(), 0);
});

test("what is new comes into sight at the end, unless somebody reads further up", async (t) => {
  const ada = await enter(t, "Ada", PHONE);
  const bo = await enter(t, "Bo");
  for (let n = 1; n <= 8; n += 1) await say(bo, `line ${n}`);
  await said(ada, "line 8").waitFor();
  await ada.waitForFunction(() => {
    const [log, last] = [document.querySelector("#log"), document.querySelector("#posts > :last-child")].map((node) => node.getBoundingClientRect());
    return last.bottom <= log.bottom;
  });
  await ada.locator("#log").evaluate((log) => (log.scrollTop = 0));
  await say(bo, "further down");
  await said(ada, "further down").waitFor({ state: "attached" });
  assert.equal(await ada.locator("#log").evaluate((log) => log.scrollTop), 0);
});

test("who loses the network is told so, and finds everything once when it is back", async (t) => {
  const proxy = await startProxy(server.port);
  t.after(() => proxy.stop());
  const ada = await enter(t, "Ada", { url: proxy.url, may: [UNPLUGGED] });
  const bo = await enter(t, "Bo");
  await say(ada, "before the storm");
  await said(bo, "before the storm").waitFor();
  proxy.swallow();
  await say(ada, "into the void");
  await ada.getByRole("alert").getByText("The server did not answer. Try again.").waitFor();
  assert.equal(await ada.getByLabel("Your words").inputValue(), "into the void");
  proxy.unplug();
  await ada.getByText("Not connected", { exact: true }).waitFor();
  await say(bo, "in the dark");
  await said(bo, "in the dark").waitFor();
  proxy.plugIn();
  await ada.getByText("Connected", { exact: true }).waitFor();
  await said(ada, "in the dark").waitFor();
  assert.deepEqual(await words(ada), await words(bo));
});

test("everything can be done with the keyboard, on a narrow screen too", async (t) => {
  const ada = await visit(t, NARROW);
  await isUsable(ada);
  await picture(ada, "typed-chat-door");
  await ada.keyboard.press("Tab");
  await ada.keyboard.type("Ada");
  await ada.keyboard.press("Enter");
  // What is hidden does not take the focus.
  await ada.getByText("Connected", { exact: true }).waitFor();
  await ada.getByLabel("Your words").focus();
  await ada.keyboard.type("by hand");
  await ada.keyboard.press("Enter");
  const button = said(ada, "by hand").getByRole("button", { name: "Ha ha, 0" });
  await button.waitFor();
  await button.focus();
  await ada.keyboard.press("Enter");
  await said(ada, "by hand").getByRole("button", { name: "Ha ha, 1" }).waitFor();
  await isUsable(ada);
  await picture(ada, "typed-chat-narrow");
});

test("a bad name and a page of another contract stay at the door, and are told why", async (t) => {
  // What a browser says of an upgrade that was still under way when its page disconnected.
  const may = [/WebSocket connection to/];
  const ada = await visit(t, { may });
  await ada.getByLabel("Your name").fill("x".repeat(25));
  await ada.keyboard.press("Enter");
  await ada.getByRole("alert").getByText("A name has 1 to 24 characters.").waitFor();
  await isUsable(ada);

  const context = await person(t, browser, { may });
  const old = await context.newPage();
  await old.route("**/contract.js", (route) =>
    route.fulfill({ contentType: "text/javascript", body: 'export const CONTRACT = "0000000000000000";' }));
  await old.goto(server.url);
  await old.getByLabel("Your name").fill("Bo");
  await old.keyboard.press("Enter");
  await old.getByRole("alert").getByText("This page is older than its server.").waitFor();
});
