// One connection to a server, shared by the sockets of its namespaces: opened, lost, and opened again.
//
// Promise: one attempt at a time; a lost connection is tried again until `reconnectionAttempts`, never after somebody
// closed it. The events `reconnect_attempt`, `reconnect`, `reconnect_error` and `reconnect_failed` are fired here, as
// with the official client, and on each of its sockets too.
// Refusal: an option that would silently not hold (`retries`, `parser`) throws.

import { backoff } from "./backoff.js";
import { Emitter } from "./emitter.js";
import { startEngine } from "./engine.js";
import { decoder } from "./parser.js";
import { Socket } from "./socket.js";

const DEFAULTS = {
  path: "/socket.io",
  transports: ["polling", "websocket"],
  autoConnect: true,
  reconnection: true,
  reconnectionAttempts: Infinity,
  reconnectionDelay: 1000,
  reconnectionDelayMax: 5000,
  randomizationFactor: 0.5,
  timeout: 20_000,
};
const NOT_COVERED = ["retries", "parser"];

export class Manager extends Emitter {
  engine;
  opts;
  #origin;
  #sockets = new Map();
  #decode;
  #attempts = 0;
  /** Until the attempt under way has come to an end. */
  #attempt;
  #retry;
  #open = false;
  /** Set by `close`: nobody wants to come back. */
  #closed = false;

  /** `origin`: scheme, host and port. */
  constructor(origin, opts) {
    super();
    for (const name of NOT_COVERED) {
      if (opts[name]) throw new Error(`this client does not cover \`${name}\`: take socket.io-client`);
    }
    this.#origin = origin;
    this.opts = { ...DEFAULTS, ...opts };
    if (this.opts.autoConnect) this.open();
  }

  get isOpen() {
    return this.#open;
  }

  has(nsp) {
    return this.#sockets.has(nsp);
  }

  /** The socket of a namespace; there is one for each. */
  socket(nsp, opts = {}) {
    const known = this.#sockets.get(nsp);
    if (known) return this.opts.autoConnect ? known.connect() : known;
    const socket = new Socket(this, nsp, { ...this.opts, ...opts }, `${this.#base()}#${nsp}`);
    this.#sockets.set(nsp, socket);
    return this.opts.autoConnect ? socket.connect() : socket;
  }

  /** Does nothing while it is open, opens, or waits for its next attempt. */
  open() {
    this.#closed = false;
    if (!this.#open && !this.#attempt && !this.#retry) this.#try();
    return this;
  }

  connect() {
    return this.open();
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#lost("forced close");
  }

  write(frames) {
    if (this.#open) this.engine.write(frames);
  }

  /** A socket has left; the last one closes the connection. */
  left() {
    if (![...this.#sockets.values()].some((socket) => socket.active)) this.close();
  }

  #base() {
    const { path, addTrailingSlash = true } = this.opts;
    return `${this.#origin}${path.replace(/\/$/, "")}${addTrailingSlash ? "/" : ""}`;
  }

  // ---------------------------------------------------------------- opening

  #try() {
    const engine = startEngine(this.#base(), this.opts);
    const { timeout } = this.opts;
    const fail = (error) => this.#failed(engine, error);
    this.engine = engine;
    this.#attempt = timeout === false ? undefined : setTimeout(() => fail(new Error("timeout")), timeout);
    this.#attempt ??= true;
    engine.on("open", () => this.#opened(engine));
    engine.on("close", (reason, cause) => fail(cause instanceof Error ? cause : new Error(reason, { cause })));
  }

  #failed(engine, error) {
    if (engine !== this.engine || !this.#attempt) return;
    this.#attemptEnded();
    engine.close();
    this.fire("error", error);
    const wasRetry = this.#attempts > 0;
    // First, as with the official client: "reconnect_failed" comes before the last "reconnect_error".
    this.#reconnect();
    if (wasRetry) this.#announce("reconnect_error", error);
  }

  #attemptEnded() {
    clearTimeout(this.#attempt);
    this.#attempt = undefined;
    this.engine.off();
  }

  #opened(engine) {
    this.#attemptEnded();
    this.#open = true;
    this.#decode = decoder();
    engine.on("message", (frame) => this.#received(frame));
    engine.on("ping", () => this.fire("ping"));
    engine.on("close", (reason, description) => this.#lost(reason, description));
    const attempts = this.#attempts;
    this.#attempts = 0;
    this.fire("open");
    if (attempts) this.#announce("reconnect", attempts);
  }

  #received(frame) {
    let packet;
    try {
      packet = this.#decode(frame);
    } catch (error) {
      return this.engine.reject(error);
    }
    if (packet) this.fire("packet", packet);
  }

  // ---------------------------------------------------------------- closing and coming back

  #lost(reason, description) {
    if (this.#attempt) this.#attemptEnded();
    const wasOpen = this.#open;
    this.#open = false;
    this.engine?.off();
    this.engine?.close();
    this.#attempts = 0;
    if (wasOpen) this.fire("close", reason, description);
    this.#reconnect();
  }

  #reconnect() {
    const { reconnection, reconnectionAttempts } = this.opts;
    if (!reconnection || this.#closed || this.#attempt || this.#retry || this.#open) return;
    if (this.#attempts >= reconnectionAttempts) {
      this.#attempts = 0;
      return this.#announce("reconnect_failed");
    }
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#announce("reconnect_attempt", this.#attempts);
      // A listener may have closed it.
      if (!this.#closed) this.#try();
    }, backoff(this.#attempts++, this.opts));
  }

  #announce(event, ...args) {
    this.fire(event, ...args);
    for (const socket of this.#sockets.values()) if (socket.active) socket.fire(event, ...args);
  }
}
