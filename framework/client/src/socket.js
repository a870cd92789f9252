// A socket: one namespace of a connection, with its events, acknowledgements and what waits for the connection.
//
// Promise: what is emitted while away is sent in order once the namespace is there; what comes before it is there is
// delivered once it is; an acknowledgement is called once or, where it takes an error, told why it never will be.
// Refusal: an event of the reserved names cannot be emitted; an answer to an event of a connection that has ended is
// dropped, never sent over the next one, where its number means something else.

import { Emitter, callAll, without } from "./emitter.js";
import { ACK, CONNECT, CONNECT_ERROR, DISCONNECT, EVENT, RESERVED, encode } from "./parser.js";
import { openSession } from "./storage.js";

export class Socket extends Emitter {
  io;
  nsp;
  id;
  auth;
  connected = false;
  recovered = false;
  #ackTimeout;
  #session;
  /** What it listens to on the manager; `undefined` while nobody wants it connected. */
  #subscriptions;
  /** The CONNECT packet that waits for its auth. */
  #entering;
  #flags = {};
  #acks = new Map();
  #nextAck = 0;
  #toSend = [];
  #toHear = [];
  #any = [];
  #anyOutgoing = [];

  constructor(io, nsp, { auth, ackTimeout, connectionStateRecovery }, address) {
    super();
    this.io = io;
    this.nsp = nsp;
    this.auth = auth;
    this.#ackTimeout = ackTimeout;
    this.leave = () => this.active && io.engine?.close(true);
    this.#session = openSession(connectionStateRecovery, address, this);
  }

  get active() {
    return Boolean(this.#subscriptions);
  }

  get disconnected() {
    return !this.connected;
  }

  connect() {
    if (this.connected) return this;
    const wasActive = this.active;
    this.#subscribe();
    this.io.open();
    if (!wasActive && this.io.isOpen) this.#enter();
    return this;
  }

  open() {
    return this.connect();
  }

  disconnect() {
    if (this.connected) this.#write({ type: DISCONNECT });
    const wasConnected = this.connected;
    this.#session.end();
    this.#unsubscribe();
    if (wasConnected) this.#closed("io client disconnect");
    return this;
  }

  close() {
    return this.disconnect();
  }

  // ---------------------------------------------------------------- emitting

  /** For the next event: drop it rather than let it wait. */
  get volatile() {
    this.#flags.volatile = true;
    return this;
  }

  /** For the next event: its acknowledgement takes an error first, after so many milliseconds. */
  timeout(ms) {
    this.#flags.timeout = ms;
    return this;
  }

  send(...args) {
    return this.emit("message", ...args);
  }

  emit(event, ...args) {
    const ack = typeof args.at(-1) === "function" ? args.pop() : undefined;
    this.#emit(event, args, ack);
    return this;
  }

  emitWithAck(event, ...args) {
    return new Promise((resolve, reject) => {
      this.#emit(event, args, (error, answer) => (error ? reject(error) : resolve(answer)), true);
    });
  }

  #emit(event, args, ack, takesError = false) {
    const { volatile, timeout = this.#ackTimeout } = this.#flags;
    this.#flags = {};
    if (RESERVED.includes(event)) throw new Error(`"${event}" is a reserved event name`);
    const id = ack && this.#nextAck;
    const data = [event, ...args];
    // Encoded here, so that what cannot be is the caller's error, and not one of the reconnection.
    const frames = encode({ type: EVENT, nsp: this.nsp, id, data });
    if (ack) this.#expectAck(ack, takesError, timeout);
    const outgoing = { frames, data, id };
    const isThere = this.connected && !this.io.engine.isExpired();
    if (volatile && !(isThere && this.io.engine.isWritable())) return;
    if (isThere) this.#send(outgoing);
    else this.#toSend.push(outgoing);
  }

  #send({ frames, data }) {
    callAll(this.#anyOutgoing, this, data);
    this.io.write(frames);
  }

  #write(packet) {
    this.io.write(encode({ nsp: this.nsp, ...packet }));
  }

  // ---------------------------------------------------------------- acknowledgements

  #expectAck(ack, takesError, timeout) {
    const id = this.#nextAck++;
    const hasError = takesError || timeout !== undefined;
    const timer = timeout === undefined ? undefined : setTimeout(() => {
      this.#toSend = this.#toSend.filter((outgoing) => outgoing.id !== id);
      this.#settle(id, new Error("operation has timed out"));
    }, timeout);
    this.#acks.set(id, { ack, hasError, timer });
  }

  #settle(id, error, args = []) {
    const { ack, hasError, timer } = this.#acks.get(id) ?? {};
    if (!ack) return;
    this.#acks.delete(id);
    clearTimeout(timer);
    if (hasError) callAll([ack], this, [error, ...args]);
    else if (!error) callAll([ack], this, args);
  }

  /** Those of events that still wait to be sent may be answered yet. */
  #failAcks() {
    const waiting = new Set(this.#toSend.map(({ id }) => id));
    for (const id of this.#acks.keys()) {
      if (!waiting.has(id)) this.#settle(id, new Error("socket has been disconnected"));
    }
  }

  /** The function that answers an event. */
  #answer(id) {
    const { engine } = this.io;
    let answered = false;
    return (...data) => {
      if (answered) return;
      answered = true;
      if (this.connected && engine === this.io.engine) this.#write({ type: ACK, id, data });
    };
  }

  // ---------------------------------------------------------------- listeners for any event

  onAny(listener) {
    this.#any = [...this.#any, listener];
    return this;
  }

  offAny(listener) {
    this.#any = listener ? without(this.#any, listener) : [];
    return this;
  }

  /** For events that are sent: when they leave, not when they are emitted. */
  onAnyOutgoing(listener) {
    this.#anyOutgoing = [...this.#anyOutgoing, listener];
    return this;
  }

  offAnyOutgoing(listener) {
    this.#anyOutgoing = listener ? without(this.#anyOutgoing, listener) : [];
    return this;
  }

  // ---------------------------------------------------------------- the connection

  #subscribe() {
    this.#subscriptions ??= Object.entries({
      open: () => this.#enter(),
      packet: (packet) => packet.nsp === this.nsp && this.#receive(packet),
      error: (error) => this.connected || this.fire("connect_error", error),
      close: (reason, description) => this.#closed(reason, description),
    }).map(([event, listener]) => (this.io.on(event, listener), () => this.io.off(event, listener)));
  }

  #unsubscribe() {
    if (!this.active) return;
    for (const end of this.#subscriptions) end();
    this.#subscriptions = this.#entering = undefined;
    this.io.left();
  }

  async #enter() {
    const entering = (this.#entering = {});
    // The answer of an earlier connection, or a second one, finds somebody else's turn.
    const enter = (auth) => {
      if (entering !== this.#entering) return;
      this.#entering = undefined;
      const proof = this.#session.proof();
      this.#write({ type: CONNECT, data: proof ? { ...proof, ...auth } : auth });
    };
    if (this.#session.claim) await this.#session.claim;
    if (typeof this.auth === "function") this.auth(enter);
    else enter(this.auth);
  }

  #receive({ type, id, data }) {
    if (type === CONNECT) this.#entered(data);
    else if (type === DISCONNECT) this.#expelled();
    else if (type === CONNECT_ERROR) this.#refused(data);
    else if (type === ACK) this.#settle(id, null, data);
    else if (this.connected) this.#deliver(data, id);
    else this.#toHear.push([data, id]);
  }

  #entered({ sid, pid } = {}) {
    if (typeof sid !== "string") {
      const error = new Error("expected an id for the socket: does the server speak a revision before 5?");
      return this.fire("connect_error", error);
    }
    this.id = sid;
    this.recovered = this.#session.begin(pid);
    this.connected = true;
    for (const [data, id] of this.#toHear.splice(0)) this.#deliver(data, id);
    for (const outgoing of this.#toSend.splice(0)) this.#send(outgoing);
    // Last, as with the official client: what its listeners emit comes behind what has waited.
    this.fire("connect");
  }

  #deliver(data, id) {
    if (!this.connected) return;
    const args = id === undefined ? data : [...data, this.#answer(id)];
    callAll(this.#any, this, args);
    this.fire(...args);
    this.#session.processed(args);
  }

  #expelled() {
    this.#session.end();
    this.#unsubscribe();
    this.#closed("io server disconnect");
  }

  #refused(data) {
    this.#unsubscribe();
    const { message = data, data: details } = data;
    this.fire("connect_error", Object.assign(new Error(message), { data: details }));
  }

  #closed(reason, description) {
    this.#entering = undefined;
    // Not processed, so a recovered session brings them again.
    this.#toHear = [];
    this.connected = false;
    this.id = undefined;
    this.fire("disconnect", reason, description);
    this.#failAcks();
  }
}
