// Engine.IO over HTTP: one request waits for what the server has to say, another one carries what the client says.
//
// Promise: at most one GET and one POST are under way; `pause` waits for both, so nothing is on its way twice or out of
// order when another transport takes over.
// Refusal: an answer other than 200 or broken base64 ends the transport, as does an empty answer (by way of the engine,
// for which it is no packet): it would make a busy loop.

import { asReceived, fromBase64, isBinary, toBase64 } from "./binary.js";

const SEPARATOR = "\x1e";
const CLOSE = "1";
/** How long the last request may take, in milliseconds. */
const PATIENCE = 2000;

/** `url` is called for each request: the session's id is known only after the first. */
export function polling(url, opts, hooks) {
  const abort = new AbortController();
  const { signal } = abort;
  let paused, closed, receiving, sending;
  const transport = { name: "polling", writable: true, open, pause, send, close };
  return transport;

  /** Also after a pause. */
  function open() {
    paused = false;
    receiving = poll();
  }

  function pause() {
    paused = true;
    return Promise.all([receiving, sending]);
  }

  function send(frames) {
    transport.writable = false;
    sending = post(frames);
  }

  /** Tells the server, also if the last request failed: then this one may come through, and the session ends at once. */
  function close(session) {
    if (closed) return;
    transport.writable = false;
    closed = true;
    const end = () => abort.abort();
    if (!session) return end();
    // Kept alive: it must leave from a page that goes, too. The poll ends after it, lest its end be the session's.
    request({ method: "POST", body: CLOSE, keepalive: true, signal: AbortSignal.timeout(PATIENCE) }).then(end, end);
  }

  async function poll() {
    while (!paused && !closed) {
      const payload = await request({ signal }).catch(fail);
      for (const frame of payload?.split(SEPARATOR) ?? []) receive(frame);
    }
  }

  async function post(frames) {
    const body = (await Promise.all(frames.map(pack))).join(SEPARATOR);
    await request({ method: "POST", body, signal }).catch(fail);
    if (closed) return;
    transport.writable = true;
    hooks.drain();
  }

  function receive(frame) {
    if (closed) return;
    try {
      frame = unpack(frame);
    } catch (error) {
      return fail(error);
    }
    hooks.frame(frame);
  }

  function fail(error) {
    if (!closed) hooks.end("transport error", error);
  }

  /** The answer's text. Until it is read, its connection is not free for the next request. */
  async function request(init) {
    const answer = await fetch(url("http"), {
      cache: "no-store",
      credentials: opts.withCredentials ? "include" : undefined,
      headers: opts.extraHeaders,
      ...init,
    });
    const context = await answer.text();
    const description = answer.status;
    if (description === 200) return context;
    throw Object.assign(new Error(`polling failed with status ${description}`), { description, context });
  }
}

const pack = async (frame) => (isBinary(frame) ? `b${await toBase64(frame)}` : frame);

const unpack = (text) => (text[0] === "b" ? asReceived(fromBase64(text.slice(1))) : text);
