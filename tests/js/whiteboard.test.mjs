// The whiteboard example in a browser: a stroke in one page appears in the others, and stays. Pictures are kept in out/.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { isUsable, launch, NARROW, person, PHONE, picture, UNPLUGGED } from "./lib/page.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { startServer } from "./lib/server.mjs";

let server;
let browser;

before(async () => {
  // With the client that people get who do nothing about it.
  server = await startServer("whiteboard", { env: { SOCKET_IO_CLIENT_DIST: "" } });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  assert.equal(await server?.stop(), 0, server?.log());
  assert.doesNotMatch(server.log(), /panicked/);
});

/** The page in a browser of its own, whose console must stay silent. */
async function visit(t, board, { url = server.url, ...looks } = {}) {
  const context = await person(t, browser, { viewport: { width: 1280, height: 720 }, ...looks });
  const page = await context.newPage();
  await page.goto(`${url}/#${board}`);
  return page;
}

async function draw(t, name, board, options) {
  const page = await visit(t, board, options);
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Draw" }).click();
  await opened(page);
  return page;
}

const opened = (page) => page.locator("body[data-state=open]").waitFor({ state: "attached" });

/** Draws with the mouse, and does not lift it before `meanwhile` is over. */
async function stroke(page, places, meanwhile = async () => {}) {
  await page.mouse.move(...places[0]);
  await page.mouse.down();
  for (const place of places.slice(1)) await page.mouse.move(...place, { steps: 8 });
  await meanwhile();
  await page.mouse.up();
}

const strokes = (page) => page.evaluate(() => [...paper.strokes].map(({ pen, points }) => ({ pen, points })));
const has = (page, count) => page.waitForFunction((count) => paper.strokes.size === count, count);

/** Until both pages have drawn the same. */
async function agree(one, other) {
  const known = JSON.stringify(await strokes(one));
  await other.waitForFunction(
    (known) => JSON.stringify([...paper.strokes].map(({ pen, points }) => ({ pen, points }))) === known,
    known,
  );
}

/** How many pixels have the colour `[r, g, b]`. */
const painted = (page, colour) =>
  page.evaluate((colour) => {
    const canvas = document.getElementById("paper");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) {
      if (data[at + 3] === 255 && colour.every((part, n) => data[at + n] === part)) count += 1;
    }
    return count;
  }, colour);

const RED = [229, 72, 77];

test("a stroke appears in the other page while it is drawn, and is there for who comes later", async (t) => {
  const ann = await draw(t, "Ann", "live");
  const bob = await draw(t, "Bob", "live");
  await ann.locator("#artists").getByText("Bob").waitFor();
  assert.deepEqual(await ann.locator("#artists li", { hasText: "(you)" }).locator("span").allTextContents(), ["Ann"]);
  await ann.getByRole("radio", { name: "Red" }).check({ force: true });
  await stroke(ann, [[300, 300], [500, 200], [700, 400]], async () => {
    // The pen is still down.
    await bob.waitForFunction(() => [...paper.strokes][0]?.points.length > 8);
    const cursor = bob.locator(".cursor", { hasText: "Ann" });
    await cursor.waitFor();
    await bob.waitForFunction(() => {
      const { x, y } = [...document.querySelectorAll(".cursor")].find((one) => one.textContent === "Ann").getBoundingClientRect();
      return Math.hypot(x - 700, y - 400) < 3;
    });
  });
  await agree(ann, bob);
  assert.ok((await painted(bob, RED)) > 1_000, "it is painted");

  const eve = await draw(t, "Eve", "live", PHONE);
  await agree(ann, eve);
  await eve.waitForFunction(() => paper.view.scale < 1); // all of it is to be seen
  assert.ok((await painted(eve, RED)) > 500);
  await ann.locator("#artists").getByText("Eve").waitFor();
  await bob.context().close();
  await ann.locator("#artists").getByText("Bob").waitFor({ state: "detached" });
});

test("a reload keeps the board, and whose stroke is whose", async (t) => {
  const ann = await draw(t, "Ann", "reload");
  const bob = await draw(t, "Bob", "reload");
  await stroke(ann, [[300, 300], [400, 300]]);
  await stroke(bob, [[300, 400], [400, 400]]);
  await has(ann, 2);
  const before = await strokes(ann);
  await ann.reload();
  await opened(ann);
  assert.deepEqual(await strokes(ann), before);
  await ann.getByRole("button", { name: "Undo" }).click();
  await has(bob, 1);
  await agree(bob, ann);
  assert.deepEqual(await strokes(bob), before.slice(1), "Bob's is left");
  await ann.keyboard.press("Control+z");
  await stroke(ann, [[500, 300], [600, 300]]);
  await has(bob, 2);
  await Promise.all([
    ann.waitForEvent("dialog").then((dialog) => dialog.accept()),
    ann.getByRole("button", { name: "Clear" }).click(),
  ]);
  await has(bob, 0);
  await bob.getByText("Ann cleared the board.").waitFor();
});

/** No tool is cut off. */
async function inSight(page) {
  const { width, height } = page.viewportSize();
  for (const tool of await page.locator("#tools button, #tools label").all()) {
    const box = await tool.boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= width && box.y + box.height <= height, JSON.stringify(box));
  }
}

test("who loses the network is told so, and has what was drawn meanwhile when it is back", async (t) => {
  const proxy = await startProxy(server.port);
  t.after(() => proxy.stop());
  const ann = await draw(t, "Ann", "lost", { url: proxy.url, may: [UNPLUGGED] });
  const bob = await draw(t, "Bob", "lost");
  await stroke(ann, [[300, 300], [400, 300]]);
  await has(bob, 1);
  proxy.unplug();
  await ann.getByRole("status").getByText("Connection lost. Coming back …").waitFor();
  await bob.locator("#artists").getByText("Ann").waitFor({ state: "detached" });
  await stroke(bob, [[300, 400], [400, 400]]);
  await bob.getByRole("button", { name: "Undo" }).click();
  await has(bob, 1);
  await stroke(bob, [[300, 500], [400, 500], [400, 550]]);
  proxy.plugIn();
  await opened(ann);
  await agree(bob, ann);
  assert.equal(await ann.locator("#notice").textContent(), "");
  await bob.locator("#artists").getByText("Ann").waitFor();
  // It is the same artist: what it drew before is still its own.
  await ann.getByRole("button", { name: "Undo" }).click();
  await has(bob, 1);
});

test("the door and the tools can be used with the keyboard, and on a narrow screen", async (t) => {
  const ann = await visit(t, "keys", NARROW);
  await isUsable(ann);
  await ann.keyboard.press("Tab");
  await ann.keyboard.type("Ann");
  await ann.keyboard.press("Enter");
  await opened(ann);
  await inSight(ann);
  await picture(ann, "whiteboard-narrow");
  await isUsable(ann);
  await ann.getByRole("radio", { name: "Ink", exact: true }).focus();
  await ann.keyboard.press("ArrowRight");
  assert.equal(await ann.getByRole("radio", { name: "Blue" }).isChecked(), true);
  await ann.keyboard.press("Tab");
  await ann.keyboard.press("ArrowRight");
  assert.equal(await ann.getByRole("radio", { name: "Thick" }).isChecked(), true);
  await stroke(ann, [[100, 200], [200, 200]]);
  assert.deepEqual((await strokes(ann))[0].pen, { colour: 1, width: 20 });
  const bob = await draw(t, "Bob", "keys");
  await has(bob, 1);
  await ann.getByRole("button", { name: "Undo" }).focus();
  await ann.keyboard.press("Enter");
  await has(bob, 0);
  await stroke(ann, [[100, 300], [200, 300]]);
  await has(bob, 1);
  await ann.keyboard.press("Control+z");
  await has(bob, 0);
  await isUsable(bob);
});

test("a finger draws on a phone, and two move the board", async (t) => {
  const ann = await draw(t, "Ann", "phone", PHONE);
  const bob = await draw(t, "Bob", "phone");
  await inSight(ann);
  await isUsable(ann);
  const fingers = await ann.context().newCDPSession(ann);
  const touch = (type, ...places) =>
    fingers.send("Input.dispatchTouchEvent", { type, touchPoints: places.map(([x, y], id) => ({ x, y, id })) });
  await touch("touchStart", [100, 300]);
  for (let step = 1; step <= 20; step += 1) await touch("touchMove", [100 + step * 8, 300 + 60 * Math.sin(step / 3)]);
  await touch("touchEnd");
  await bob.waitForFunction(() => [...paper.strokes][0]?.points.length > 10);
  await agree(ann, bob);
  await bob.waitForFunction(() => [...document.querySelectorAll(".cursor")].every((cursor) => cursor.hidden));

  const before = await ann.evaluate(() => ({ ...paper.view }));
  await touch("touchStart", [150, 400]);
  await touch("touchStart", [150, 400], [250, 400]);
  await touch("touchMove", [100, 450], [300, 450]);
  await touch("touchEnd");
  const after = await ann.evaluate(() => ({ ...paper.view }));
  assert.ok(Math.abs(after.scale / before.scale - 2) < 0.01, `twice as large: ${after.scale}`);
  await has(bob, 1); // the dot of the first of the two is taken back
  await agree(bob, ann);
});

test("the wheel moves the board, with the control key it comes closer, and all of it can be shown again", async (t) => {
  const ann = await draw(t, "Ann", "wheel");
  await stroke(ann, [[300, 300], [600, 300]]);
  const view = () => ann.evaluate(() => ({ ...paper.view }));
  const before = await view();
  await ann.mouse.wheel(0, 200);
  await ann.waitForFunction(({ y, scale }) => Math.abs(paper.view.y - y - 200 / scale) < 1, before);
  await ann.keyboard.down("Control");
  await ann.mouse.wheel(0, -100);
  await ann.keyboard.up("Control");
  await ann.waitForFunction(({ scale }) => paper.view.scale > scale, before);
  await ann.getByRole("button", { name: "Show all" }).click();
  assert.ok(await ann.evaluate(() => [...paper.strokes][0].points.map((point) => paper.toWindow(point))
    .every(([x, y]) => x > 0 && x < innerWidth && y > 0 && y < innerHeight)));
  assert.equal((await view()).scale, 1);
});

test("a stroke that is longer than one may be goes on as the next one", async (t) => {
  const ann = await draw(t, "Ann", "long");
  const bob = await draw(t, "Bob", "long");
  await ann.evaluate(() => (longest = 30));
  await stroke(ann, [[200, 200], [400, 200], [400, 400], [200, 400], [200, 300], [300, 300], [300, 250], [250, 230]]);
  await bob.waitForFunction(() => paper.strokes.size > 1);
  await agree(ann, bob);
  const [first, second] = await strokes(bob);
  assert.equal(first.points.length, 30);
  assert.deepEqual(first.points.at(-1), second.points[0]);
});

test("a name that is none is refused, and the door stays", async (t) => {
  // What a browser says of an upgrade that was still under way when its page disconnected.
  const page = await visit(t, "refused", { may: [/WebSocket connection to/] });
  await page.getByLabel("Your name").fill("   ");
  await page.getByRole("button", { name: "Draw" }).click();
  await page.getByRole("alert").getByText("1 to 16 characters").waitFor();
  await isUsable(page);
  assert.equal(await page.locator("body").getAttribute("data-state"), "door");
});

test("pictures of a board that three have drawn on", async (t) => {
  const ann = await draw(t, "Ann", "picture");
  const bob = await draw(t, "Bob", "picture");
  await picture(await visit(t, "picture"), "whiteboard-door");
  const pick = (page, colour, width) =>
    page.getByRole("radio", { name: colour }).check({ force: true }).then(() => page.getByRole("radio", { name: width }).check({ force: true }));
  const wave = (x, y, size) => Array.from({ length: 24 }, (_, n) => [x + n * size, y + 40 * Math.sin(n / 2)]);
  const ring = (x, y, r) => Array.from({ length: 33 }, (_, n) => [x + r * Math.cos((n * Math.PI) / 16), y + r * Math.sin((n * Math.PI) / 16)]);
  await pick(ann, "Red", "Thick");
  await stroke(ann, wave(300, 220, 18));
  await pick(bob, "Blue", "Medium");
  await stroke(bob, ring(860, 300, 110));
  await pick(bob, "Green", "Thin");
  for (const angle of [0, 1, 2, 3, 4, 5]) {
    await stroke(bob, [[860, 300], [860 + 80 * Math.cos(angle), 300 + 80 * Math.sin(angle)]]);
  }
  await pick(ann, "Orange", "Medium");
  await stroke(ann, [[420, 420], [480, 520], [360, 520], [420, 420]]);
  await agree(ann, bob);
  const eve = await draw(t, "Eve", "picture", PHONE);
  await agree(ann, eve);
  await ann.locator(".cursor:visible").waitFor();
  await picture(ann, "whiteboard");
  await picture(eve, "whiteboard-phone");
  for (const page of [ann, bob, eve]) await isUsable(page);
});
