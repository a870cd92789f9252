// The game example in a browser: pilots see each other, steer, and the sky moves by itself. Pictures are kept in out/.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { isUsable, launch, NARROW, person, picture } from "./lib/page.mjs";
import { startServer } from "./lib/server.mjs";

let server;
let browser;

before(async () => {
  // With the client that people get who do nothing about it.
  server = await startServer("game", { env: { SOCKET_IO_CLIENT_DIST: "" } });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  const code = await server?.stop();
  assert.equal(code, 0, server?.log());
  assert.doesNotMatch(server.log(), /panicked/);
});

/** A pilot in a browser of its own, whose console must stay silent. */
async function fly(t, name, arena) {
  const context = await person(t, browser, { viewport: { width: 1280, height: 720 } });
  const page = await context.newPage();
  await page.goto(`${server.url}/#${arena}`);
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Fly" }).click();
  await page.locator("body[data-state=flying]").waitFor({ state: "attached" });
  return page;
}

const scored = (page, name) => page.locator("#scores li", { hasText: name });
const beat = (page) => page.evaluate(() => Number(document.body.dataset.beat));

/** How many pixels of the canvas are brighter than the night. */
const lit = (page) =>
  page.evaluate(() => {
    const canvas = document.getElementById("sky");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) count += data[at] + data[at + 1] + data[at + 2] > 150 ? 1 : 0;
    return count;
  });

test("two pilots see each other in a sky that moves, and one that leaves is gone", async (t) => {
  const ann = await fly(t, "Ann", "test");
  const bob = await fly(t, "Bob", "test");
  await scored(ann, "Bob").waitFor();
  await scored(bob, "Ann").waitFor();
  assert.equal(await ann.locator("#scores li.me").textContent(), (await scored(ann, "Ann").textContent()));
  const from = await beat(ann);
  await ann.waitForFunction((from) => Number(document.body.dataset.beat) > from + 30, from);
  assert.ok((await lit(ann)) > 500, "sparks and comets are drawn");
  await picture(ann, "comets");
  await bob.context().close();
  await scored(ann, "Bob").waitFor({ state: "detached" });
});

test("a comet turns to where its pilot points", async (t) => {
  const ann = await fly(t, "Ann", "turning");
  await ann.evaluate(() => {
    globalThis.angles = [];
    socket.on("frame", (frame) => {
      const me = frame.comets.find(([id]) => id === you);
      // How far it is from flying to where it points, in radians.
      const off = Math.atan2(point?.[1] - me[2], point?.[0] - me[1]) - me[3] / 100;
      angles.push(Math.abs(Math.atan2(Math.sin(off), Math.cos(off))));
    });
  });
  for (const [x, y] of [[20, 20], [1260, 700]]) {
    await ann.mouse.move(x, y);
    await ann.evaluate(() => (angles.length = 0));
    await ann.waitForFunction(() => angles.some((off) => off < 0.3));
  }
});

test("a name that is none is refused, and the door stays", async (t) => {
  const context = await person(t, browser, NARROW);
  const page = await context.newPage();
  await page.goto(server.url);
  await isUsable(page);
  await picture(page, "comets-door");
  await page.getByLabel("Your name").fill("   ");
  await page.getByRole("button", { name: "Fly" }).click();
  await page.getByRole("alert").getByText("1 to 16 characters").waitFor();
  assert.equal(await page.locator("body").getAttribute("data-state"), "door");
});
