// A socket: one namespace of a connection, with its events, acknowledgements and what waits for the connection.
//
// Promise: what is emitted while away is sent in order once the namespace is there; what comes before it is there is
// delivered once it is; an acknowledgement is called once or, where it takes an error, told why it never will be.
// Refusal: an event of the reserved names cannot be emitted; an answer to an event of a connection that has ended is
// dropped, never sent over the next one, where its number means something else.

import { openAcks } from "./acks.js";
import { Emitter, callAll } from "./emitter.js";
import { ACK, CONNECT, CONNECT_ERROR, DISCONNECT, EVENT, RESERVED, encode } from "./parser.js";
import { openSession } from "./storage.js";

const [INCOMING, OUTGOING] = [0, 1];

export class Socket extends Emitter {
  connected = false;
  recovered = false;
  /** Whether somebody wants it connected: then it comes back by itself. */
  active = false;
  #ackTimeout;
  #session;
  /** The CONNECT packet that waits for its auth. */
  #entering;
  #flags = {};
  #acks = openAcks(this);
  #toSend = [];
  #toHear = [];
  #any = new Emitter();

  constructor(io, nsp, { auth, ackTimeout, connectionStateRecovery }, address) {
    super();
    this.io = io;
    this.nsp = nsp;
    this.auth = auth;
    this.#ackTimeout = ackTimeout;
    this.#session = openSession(connectionStateRecovery, address, this);
  }

  get disconnected() {
    return !this.connected;
  }

  connect() {
    if (this.connected) return this;
    const wasActive = this.active;
    this.active = true;
    this.io.open();
    if (!wasActive && this.io.isOpen) this.enter();
    return this;
  }

  open() {
    return this.connect();
  }

  /** The page goes: the server shall know at once. */
  leave() {
    if (this.active) this.io.engine?.close(true);
  }

  disconnect() {
    if (this.connected) this.#write({ type: DISCONNECT });
    const wasConnected = this.connected;
    this.#session.end();
    this.#retire();
    if (wasConnected) this.closed("io client disconnect");
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

  #emit(event, args, ack, takesError) {
    const { volatile, timeout = this.#ackTimeout } = this.#flags;
    this.#flags = {};
    if (RESERVED.includes(event)) throw new Error(`"${event}" is a reserved event name`);
    const data = [event, ...args];
    // Encoded here, so that what cannot be is the caller's error, and not one of the reconnection.
    const frames = encode({ type: EVENT, nsp: this.nsp, id: ack && this.#acks.next, data });
    const id = ack && this.#acks.expect(ack, takesError, timeout, (late) => this.#forget(late));
    const isThere = this.connected && !this.io.engine.isExpired();
    if (volatile && !(isThere && this.io.engine.isWritable())) return;
    if (isThere) this.#send({ frames, data });
    else this.#toSend.push({ frames, data, id });
  }

  #forget(id) {
    this.#toSend = this.#toSend.filter((outgoing) => outgoing.id !== id);
  }

  #send({ frames, data }) {
    callAll(this.#any.listeners(OUTGOING), this, data);
    this.io.write(frames);
  }

  #write(packet) {
    this.io.write(encode({ nsp: this.nsp, ...packet }));
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
    this.#any.on(INCOMING, listener);
    return this;
  }

  offAny(listener) {
    this.#any.off(INCOMING, listener);
    return this;
  }

  /** For events that are sent: when they leave, not when they are emitted. */
  onAnyOutgoing(listener) {
    this.#any.on(OUTGOING, listener);
    return this;
  }

  offAnyOutgoing(listener) {
    this.#any.off(OUTGOING, listener);
    return this;
  }

  // ---------------------------------------------------------------- the connection

  #retire() {
    if (!this.active) return;
    this.active = false;
    this.#entering = undefined;
    this.io.left();
  }

  async enter() {
    const entering = (this.#entering = {});
    // The answer of an earlier connection, or a second one, finds somebody else's turn.
    const enter = (auth) => {
      if (entering !== this.#entering) return;
      this.#entering = undefined;
      const proof = this.#session.proof();
      this.#write({ type: CONNECT, data: proof ? { ...proof, ...auth } : auth });
    };
    await this.#session.claim;
    if (typeof this.auth === "function") this.auth(enter);
    else enter(this.auth);
  }

  receive({ type, id, data }) {
    if (type === CONNECT) this.#entered(data);
    else if (type === DISCONNECT) this.#expelled();
    else if (type === CONNECT_ERROR) this.#refused(data);
    else if (type === ACK) this.#acks.settle(id, null, data);
    else if (this.connected) this.#deliver(data, id);
    else this.#toHear.push([data, id]);
  }

  #entered({ sid, pid } = {}) {
    if (typeof sid !== "string") {
      return this.fire("connect_error", new Error("expected a sid: is the server older?"));
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
    callAll(this.#any.listeners(INCOMING), this, args);
    this.fire(...args);
    this.#session.processed(args);
  }

  #expelled() {
    this.#session.end();
    this.#retire();
    this.closed("io server disconnect");
  }

  #refused(data) {
    this.#retire();
    const { message = data, data: details } = data;
    this.fire("connect_error", Object.assign(new Error(message), { data: details }));
  }

  closed(reason, description) {
    this.#entering = undefined;
    // Not processed, so a recovered session brings them again.
    this.#toHear = [];
    this.connected = false;
    this.id = undefined;
    this.fire("disconnect", reason, description);
    this.#acks.failExcept(this.#toSend.map(({ id }) => id));
  }
}
