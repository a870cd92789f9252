// What a socket must show to get its session back: the private id and the offset of the last event that it processed.
//
// Promise: by default both live in memory, as with the official client. With `connectionStateRecovery` they also survive
// a reload: they are written when the page goes and taken out when the next one starts, so they are in the storage only
// while no page uses them, and one page at most finds them.
// Refusal: nothing is kept of a session that somebody ended, nor longer than `maxAge`.

import { onPage } from "./emitter.js";

/** How long to wait for the page before this one to let go of the session. */
const PATIENCE = 1000;

/** `page` is the socket: its `auth` is kept and put back, and it may have to go when the page does. */
export function openSession(options, address, page) {
  let pid, offset, release;
  const session = { proof, begin, processed, end };
  if (options) surviveReloads(options);
  return session;

  /** What to add to the CONNECT packet. */
  function proof() {
    return pid && { pid, offset };
  }

  /** The server let us in; whether it gave the session back. */
  function begin(given) {
    const recovered = Boolean(given) && given === pid;
    if (!recovered) end();
    pid = given;
    return recovered;
  }

  /** An event with these arguments has been processed. */
  function processed(args) {
    const last = args.length > 1 && args.at(-1);
    if (pid && typeof last === "string") offset = last;
  }

  function end() {
    pid = offset = undefined;
    release?.();
  }

  function surviveReloads({ storage = "session", key = address, maxAge = 120_000, auth: keepsAuth }) {
    const name = `greenroom:${key}`;
    const store = attempt(() => (typeof storage === "string" ? globalThis[`${storage}Storage`] : storage));
    if (!store) return;
    take();
    onPage("pagehide", () => {
      const auth = keepsAuth && page.auth;
      if (pid) attempt(() => store.setItem(name, JSON.stringify({ pid, offset, auth, at: Date.now() })));
      release?.();
      page.leave();
    });
    // Back from the browser's cache of whole pages: the session is ours only if nobody took it meanwhile.
    onPage("pageshow", ({ persisted }) => persisted && take());

    function take() {
      const entry = attempt(() => JSON.parse(store.getItem(name)));
      attempt(() => store.removeItem(name));
      end();
      if (!entry || !(Date.now() - entry.at < maxAge)) return;
      /** To be waited for: only then it is known whether what was found is ours. */
      session.claim = lock(entry.pid).then(() => {
        ({ pid, offset } = entry);
        page.auth ??= entry.auth;
      }, () => {});
    }
  }

  /** Of tabs that start together each may have read the entry, before another's removal was seen. One gets the lock. */
  function lock(id) {
    const locks = globalThis.navigator?.locks;
    return new Promise((resolve, reject) => {
      const hold = () => new Promise((free) => resolve((release = free)));
      if (!locks) return resolve();
      locks.request(`greenroom:${id}`, { signal: AbortSignal.timeout(PATIENCE) }, hold).catch(reject);
    });
  }
}

/** Storages are full, forbidden, or hold what others wrote: then there is nothing to recover. */
function attempt(act) {
  try {
    return act();
  } catch {
    return undefined;
  }
}
