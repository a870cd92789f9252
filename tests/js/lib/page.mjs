// A browser, the pages in it, and what holds for every page: it fits, everything has a name, is large enough, can be reached and read.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

import { findChromium } from "./chromium.mjs";

const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];
export const DESK = { viewport: { width: 1280, height: 800 }, colorScheme: "light", reducedMotion: "reduce" };
export const PHONE = {
  viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true,
  colorScheme: "light", reducedMotion: "reduce",
};
/** The narrowest that phones are. */
export const NARROW = { ...PHONE, viewport: { width: 320, height: 568 } };
/** What a browser itself says of requests that were cut off. */
export const UNPLUGGED = /ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_SOCKET_NOT_CONNECTED|WebSocket connection to/;
// Longer than the client takes to come back from a lost network (its watchdog, then its back-off).
const PATIENCE = 60_000;

export function launch() {
  mkdirSync(fileURLToPath(new URL("../out", import.meta.url)), { recursive: true });
  return chromium.launch({ executablePath: findChromium(), args: FLAGS });
}

/** A person's browser: storage of its own, closed at the end. The consoles of its pages must stay silent, but for what they `may` say. */
export async function person(t, browser, { may = [], ...looks } = {}) {
  const context = await browser.newContext({ ...DESK, ...looks });
  context.setDefaultTimeout(PATIENCE);
  const complaints = [];
  const complain = (text) => may.some((allowed) => allowed.test(text)) || complaints.push(text);
  context.on("page", (page) => {
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && complain(message.text()));
    page.on("pageerror", (error) => complain(String(error)));
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(complaints, []);
  });
  return context;
}

/** Kept in out/, to be looked at. */
export const picture = (page, name) =>
  page.screenshot({ path: fileURLToPath(new URL(`../out/${name}.png`, import.meta.url)) });

/** A page that a finger, a keyboard and a screen reader get on with, as it is shown at this moment. */
export async function isUsable(page) {
  assert.ok(await fits(page), "nothing is wider than the screen");
  assert.deepEqual(await page.evaluate(cutOff), [], "nothing is cut off at the screen's edge");
  assert.deepEqual(await nameless(page), [], "everything to be used has a name");
  assert.deepEqual(await page.evaluate(smallTargets), [], "every button and field is large enough for a finger");
  assert.deepEqual(await page.evaluate(weakTexts), [], "every text stands out from its background");
  assert.deepEqual(await unreachable(page), [], "everything is reached with the tabulator, and shows that it is");
}

// Not `innerWidth`: on a phone that grows with what is too wide.
export const fits = async (page) => (await page.evaluate(() => document.documentElement.scrollWidth)) <= page.viewportSize().width;

/** Runs in the page: what reaches over the screen's left or right edge, and is in nothing that scrolls or clips by itself. */
export function cutOff() {
  const clips = (node) => getComputedStyle(node).overflowX !== "visible";
  const isClipped = (node) => node !== document.body && (clips(node) || isClipped(node.parentElement));
  const seen = [...document.querySelectorAll("body *")].filter((node) => node.checkVisibility({ visibilityProperty: true }) && !isClipped(node));
  const { clientWidth } = document.documentElement;
  return seen.flatMap((node) => {
    const { left, right } = node.getBoundingClientRect();
    return left >= 0 && right <= clientWidth ? [] : [`${node.localName} ${node.id}: ${left} to ${right}`];
  });
}

const USED = ["button", "link", "textbox", "searchbox", "combobox", "checkbox", "radio", "slider", "spinbutton"];

/** What a screen reader would call by nothing but its kind: as the browser itself computes names. */
export async function nameless(page) {
  const devtools = await page.context().newCDPSession(page);
  const { nodes } = await devtools.send("Accessibility.getFullAXTree");
  await devtools.detach();
  const used = nodes.filter(({ ignored, role }) => !ignored && USED.includes(role?.value));
  assert.notEqual(used.length, 0, "there is something to be used");
  return used.filter(({ name }) => !name?.value.trim()).map(({ role }) => role.value);
}

/** Runs in the page: buttons and fields that are less than 44 pixels wide or high (WCAG 2, success criterion 2.5.5). */
export function smallTargets() {
  const seen = [...document.querySelectorAll("button, input, textarea, select")].filter((node) =>
    node.checkVisibility({ visibilityProperty: true }));
  return seen.flatMap((node) => {
    // A box to be ticked is ticked by its label, too.
    const area = ["checkbox", "radio"].includes(node.type) ? (node.closest("label") ?? node) : node;
    const { width, height } = area.getBoundingClientRect();
    return width >= 44 && height >= 44 ? [] : [`${node.id || node.textContent}: ${width} × ${height}`];
  });
}

/** What can be used, and is not come by with the tabulator, or does not show that it has the focus. */
async function unreachable(page) {
  await page.evaluate(() => {
    globalThis.toReach = new Set([...document.querySelectorAll("a[href], button, input, textarea, select")].filter((node) =>
      !node.disabled && node.tabIndex >= 0 && node.checkVisibility({ visibilityProperty: true })));
    document.activeElement.blur();
  });
  const count = await page.evaluate(() => toReach.size);
  // Other things than these may be stops, too, such as a log that scrolls.
  for (let presses = 0; presses < 2 * count + 5; presses += 1) {
    await page.keyboard.press("Tab");
    await page.evaluate(() => {
      const focused = document.activeElement;
      // A box that is drawn anew is not seen itself; what stands beside it shows the focus.
      const shows = (node) => node && getComputedStyle(node).outlineStyle !== "none" && getComputedStyle(node).opacity !== "0";
      if (![focused, focused.nextElementSibling].some(shows)) return;
      toReach.delete(focused);
      // The tabulator comes by one of a group; the arrows lead to the others.
      for (const node of toReach) if (node.type === "radio" && node.name === focused.name && node.form === focused.form) toReach.delete(node);
    });
  }
  return page.evaluate(() => [...toReach].map((node) => node.id || node.textContent));
}

/** Runs in the page: the visible texts whose contrast is below 4.5 to 1 (WCAG 2, level AA). */
export function weakTexts() {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  // Painted over each other, from the root down, they give the colour that is really seen.
  const luminance = (colours) => {
    for (const colour of ["white", ...colours]) {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
    }
    const part = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((c) => part(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const weak = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode.data.trim();
    const node = texts.currentNode.parentElement;
    if (!text || !node.checkVisibility({ visibilityProperty: true }) || node.closest(".visually-hidden")) continue;
    const behind = [];
    for (let at = node; at; at = at.parentElement) behind.unshift(getComputedStyle(at).backgroundColor);
    const [dark, bright] = [luminance(behind), luminance([...behind, getComputedStyle(node).color])].sort((a, b) => a - b);
    const contrast = (bright + 0.05) / (dark + 0.05);
    if (contrast < 4.5) weak.push(`${contrast.toFixed(2)}: ${text}`);
  }
  return weak;
}
