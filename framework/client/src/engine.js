// An Engine.IO session (protocol revision 4): handshake, heartbeat, upgrade from polling to WebSocket, and one end.
//
// Promise: frames leave in the order of `write`, across the upgrade too; "close" is fired once, with the reason; a
// silent server is noticed after the interval and the timeout that it announced itself.
// Refusal: anything that is no Engine.IO packet ends the session with "parse error".

import { Emitter, onPage } from "./emitter.js";
import { byteLength, isBinary } from "./binary.js";
import { polling } from "./polling.js";
import { websocket } from "./websocket.js";

const TRANSPORTS = { polling, websocket };
const [OPEN, CLOSE, PING, PONG, MESSAGE, UPGRADE, NOOP] = "0123456";
const PROBE = "probe";

/** `base`: where the server is, with its path. */
export function startEngine(base, opts) {
  const engine = Object.assign(new Emitter(), { write, close, reject, isWritable, isExpired });
  const { transports, upgrade = true } = opts;
  const hooks = { frame: read, drain: drained, end };
  /** "opening", "open", "closing" (what was written still leaves), "closed" */
  let state = "opening";
  let waiting = [];
  let isSwitching = false;
  let probe, handshake, deadline, watchdog;

  onPage("offline", goOffline);
  engine.transport = make(transports[0], hooks);
  engine.transport.open();
  return engine;

  function make(name, hooks) {
    const start = TRANSPORTS[name];
    if (!start) throw new Error(`there is no transport "${name}"`);
    return start((scheme) => {
      const query = new URLSearchParams({ ...opts.query, EIO: 4, transport: name });
      if (engine.id) query.set("sid", engine.id);
      return `${base.replace("http", scheme)}?${query}`;
    }, opts, hooks);
  }

  // ---------------------------------------------------------------- reading

  function read(frame) {
    if (state === "closed") return;
    if (isBinary(frame)) return handshake ? engine.fire("message", frame) : reject();
    const [type] = frame;
    const data = frame.slice(1);
    if (!handshake) type === OPEN ? greet(data) : reject();
    else if (type === MESSAGE) engine.fire("message", data);
    else if (type === PING) answerPing();
    else if (type === CLOSE) end("transport close");
    else if (type !== NOOP) reject();
  }

  /** Ends the session because of what the server said. */
  function reject(error = new Error("expected an Engine.IO packet")) {
    end("parse error", error);
  }

  function greet(json) {
    try {
      handshake = readHandshake(json);
    } catch (error) {
      return reject(error);
    }
    engine.id = handshake.sid;
    state = "open";
    heardPing();
    engine.fire("open");
    flush();
    const offers = [transports, handshake.upgrades].every((names) => names.includes("websocket"));
    if (state === "open" && upgrade && offers && engine.transport.name === "polling") startProbe();
  }

  function answerPing() {
    heardPing();
    waiting.push(PONG);
    flush();
    engine.fire("ping");
  }

  function heardPing() {
    const silence = handshake.pingInterval + handshake.pingTimeout;
    deadline = Date.now() + silence;
    clearTimeout(watchdog);
    watchdog = setTimeout(end, silence, "ping timeout");
  }

  /** Whether the server has been silent for too long although no timer said so: those of a sleeping computer do not run. */
  function isExpired() {
    const isLate = Date.now() > deadline;
    if (isLate) queueMicrotask(() => end("ping timeout"));
    return isLate;
  }

  // ---------------------------------------------------------------- writing

  function write(frames) {
    if (state !== "open") return;
    for (const frame of frames) waiting.push(isBinary(frame) ? frame : MESSAGE + frame);
    flush();
  }

  function isWritable() {
    return state === "open" && engine.transport.writable && !isSwitching;
  }

  function flush() {
    if (!waiting.length || isSwitching || !engine.transport.writable) return;
    engine.transport.send(waiting.splice(0, fitting()));
  }

  /** How many of the waiting frames one request may carry. */
  function fitting() {
    const { maxPayload } = handshake;
    if (!maxPayload || engine.transport.name !== "polling") return waiting.length;
    let size = -1;
    const end = waiting.findIndex((frame) => {
      const bytes = byteLength(frame);
      // A separator; and base64 behind a letter.
      size += 1 + (isBinary(frame) ? 1 + 4 * Math.ceil(bytes / 3) : bytes);
      return size > maxPayload;
    });
    // What is too large by itself goes alone: the server shall say so.
    return end < 0 ? waiting.length : end || 1;
  }

  function drained() {
    flush();
    if (!waiting.length) engine.fire("drain");
    closeWhenDone();
  }

  // ---------------------------------------------------------------- upgrade

  function startProbe() {
    const own = {
      open: () => probe.send([PING + PROBE]),
      frame: (frame) => (frame === PONG + PROBE ? switchTo(own) : failProbe()),
      end: (_, error) => failProbe(error),
    };
    probe = make("websocket", own);
    probe.open();
  }

  async function switchTo(own) {
    if (isSwitching || state !== "open") return failProbe();
    isSwitching = true;
    // The server ends the waiting poll with a noop.
    await engine.transport.pause();
    if (state === "closed") return;
    isSwitching = false;
    if (probe) {
      engine.transport = probe;
      probe = undefined;
      Object.assign(own, hooks);
      engine.transport.send([UPGRADE]);
      engine.fire("upgrade", engine.transport);
    } else {
      engine.transport.open();
    }
    drained();
  }

  function failProbe(error) {
    probe?.close();
    probe = undefined;
    engine.fire("upgradeError", error);
  }

  // ---------------------------------------------------------------- end

  /** When what was written has left; at once with `now`, from a page that ends. */
  function close(now) {
    if (state === "opening" || now) return end("forced close");
    if (state === "open") state = "closing";
    closeWhenDone();
  }

  function closeWhenDone() {
    const isBusy = isSwitching || waiting.length || !engine.transport.writable;
    if (state === "closing" && !isBusy) end("forced close");
  }

  function goOffline() {
    end("transport close");
  }

  function end(reason, description) {
    if (state === "closed") return;
    state = "closed";
    deadline = Infinity;
    waiting = [];
    clearTimeout(watchdog);
    globalThis.removeEventListener?.("offline", goOffline);
    probe?.close();
    engine.transport.close(handshake);
    engine.fire("close", reason, description);
  }
}

function readHandshake(json) {
  const handshake = { upgrades: [], ...JSON.parse(json) };
  const { sid, pingInterval, pingTimeout, upgrades } = handshake;
  if (typeof sid === "string" && pingInterval > 0 && pingTimeout > 0 && Array.isArray(upgrades)) return handshake;
  throw new Error("expected a handshake");
}
