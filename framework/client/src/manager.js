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

export class Manager extends Emitter {
  #origin;
  #sockets = new Map();
  #decode;
  /** "closed", "opening", "open", "waiting" (for the next attempt) */
  #state = "closed";
  /** Whether somebody wants it open: it comes back by itself only then. */
  #isWanted;
  #attempts = 0;
  #timer;

  /** `origin`: scheme, host and port. */
  constructor(origin, opts) {
    super();
    if (opts?.retries || opts?.parser) throw new Error("for `retries` and `parser` take socket.io-client");
    this.#origin = origin;
    this.opts = { ...DEFAULTS, ...opts };
    if (this.opts.autoConnect) this.open();
  }

  get isOpen() {
    return this.#state === "open";
  }

  serves(nsp) {
    return this.#sockets.has(nsp);
  }

  /** The socket of a namespace; there is one for each. */
  socket(nsp, opts) {
    const socket = this.#sockets.get(nsp) ?? new Socket(this, nsp, { ...this.opts, ...opts }, this.#address() + nsp);
    this.#sockets.set(nsp, socket);
    return this.opts.autoConnect ? socket.connect() : socket;
  }

  /** Does nothing while it is open, opens, or waits for its next attempt. */
  open() {
    this.#isWanted = true;
    if (this.#state === "closed") this.#try();
    return this;
  }

  close() {
    this.#isWanted = false;
    this.#lost("forced close");
  }

  write(frames) {
    if (this.isOpen) this.engine.write(frames);
  }

  /** A socket has left; the last one closes the connection. */
  left() {
    if (![...this.#sockets.values()].some((socket) => socket.active)) this.close();
  }

  #tell(act) {
    // One by one: what the first does may end the second.
    for (const socket of this.#sockets.values()) if (socket.active) act(socket);
  }

  #address() {
    return `${this.#origin}${this.opts.path.replace(/\/$/, "")}/`;
  }

  #announce(...event) {
    this.fire(...event);
    this.#tell((socket) => socket.fire(...event));
  }

  // ---------------------------------------------------------------- opening

  #try() {
    const engine = (this.engine = startEngine(this.#address(), this.opts));
    const { timeout } = this.opts;
    this.#state = "opening";
    if (timeout !== false) this.#timer = setTimeout(() => this.#failed(new Error("timeout")), timeout);
    // One that was left behind may still be sending its last words.
    const on = (event, listener) => engine.on(event, (...args) => engine === this.engine && listener(...args));
    on("open", () => this.#opened());
    on("message", (frame) => this.#received(frame));
    on("ping", () => this.fire("ping"));
    on("close", (reason, cause) => {
      if (this.isOpen) this.#lost(reason, cause);
      else if (this.#state === "opening") this.#failed(cause instanceof Error ? cause : new Error(reason));
    });
  }

  #opened() {
    const attempts = this.#attempts;
    this.#rest("open");
    this.#decode = decoder();
    this.fire("open");
    this.#tell((socket) => socket.enter());
    if (attempts) this.#announce("reconnect", attempts);
  }

  #failed(error) {
    const attempts = this.#attempts;
    this.#rest("closed");
    this.engine.close();
    this.fire("error", error);
    this.#tell((socket) => socket.fire("connect_error", error));
    // First, as with the official client: "reconnect_failed" comes before the last "reconnect_error".
    this.#reconnect(attempts);
    if (attempts) this.#announce("reconnect_error", error);
  }

  #received(frame) {
    if (!this.isOpen) return;
    let packet;
    try {
      packet = this.#decode(frame);
    } catch (error) {
      return this.engine.reject(error);
    }
    const socket = this.#sockets.get(packet?.nsp);
    if (socket?.active) socket.receive(packet);
  }

  // ---------------------------------------------------------------- closing and coming back

  #rest(state) {
    clearTimeout(this.#timer);
    this.#state = state;
    this.#attempts = 0;
  }

  #lost(reason, description) {
    const wasOpen = this.isOpen;
    this.#rest("closed");
    this.engine?.close();
    if (wasOpen) {
      this.#tell((socket) => socket.closed(reason, description));
      this.fire("close", reason, description);
    }
    this.#reconnect(0);
  }

  #reconnect(attempts) {
    const { reconnection, reconnectionAttempts } = this.opts;
    // A listener may have closed or opened it.
    if (!reconnection || !this.#isWanted || this.#state !== "closed") return;
    if (attempts >= reconnectionAttempts) return this.#announce("reconnect_failed");
    this.#state = "waiting";
    this.#attempts = attempts + 1;
    this.#timer = setTimeout(() => {
      this.#announce("reconnect_attempt", this.#attempts);
      if (this.#state === "waiting") this.#try();
    }, backoff(attempts, this.opts));
  }
}
