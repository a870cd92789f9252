(() => {
  // src/backoff.js
  function backoff(attempts, { reconnectionDelay, reconnectionDelayMax, randomizationFactor }) {
    const wait = Math.min(reconnectionDelay * 2 ** attempts, reconnectionDelayMax);
    return Math.min(wait * (1 + randomizationFactor * (2 * Math.random() - 1)), reconnectionDelayMax);
  }

  // src/emitter.js
  var Emitter = class {
    #listeners = /* @__PURE__ */ new Map();
    on(event, listener) {
      this.#listeners.set(event, [...this.listeners(event), listener]);
      return this;
    }
    once(event, listener) {
      const once = (...args) => {
        this.off(event, once);
        listener.apply(this, args);
      };
      once.listener = listener;
      return this.on(event, once);
    }
    /** One listener of an event, all of an event, or all. */
    off(event, listener) {
      if (event === void 0) this.#listeners.clear();
      else if (!listener) this.#listeners.delete(event);
      else this.#listeners.set(event, without(this.listeners(event), listener));
      return this;
    }
    listeners(event) {
      return this.#listeners.get(event) ?? [];
    }
    /** Calls the listeners here. `emit` is left to those for whom it means sending. */
    fire(event, ...args) {
      callAll(this.listeners(event), this, args);
    }
  };
  function without(listeners, listener) {
    const at = listeners.findIndex((each) => each === listener || each.listener === listener);
    return listeners.filter((_, index) => index !== at);
  }
  function callAll(listeners, self, args) {
    for (const listener of listeners) {
      try {
        listener.apply(self, args);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
  function onPage(event, listener) {
    globalThis.addEventListener?.(event, listener);
  }

  // src/binary.js
  var inNode = Boolean(globalThis.process?.versions?.node);
  var isBinary = (value) => value instanceof ArrayBuffer || ArrayBuffer.isView(value) || value instanceof Blob;
  var asReceived = (bytes) => inNode ? Buffer.from(bytes) : bytes;
  var byteLength = (data) => new Blob([data]).size;
  async function toBase64(data) {
    const bytes = new Uint8Array(await new Blob([data]).arrayBuffer());
    const piece = 32768;
    let text = "";
    for (let at = 0; at < bytes.length; at += piece) text += String.fromCharCode(...bytes.subarray(at, at + piece));
    return btoa(text);
  }
  function fromBase64(text) {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0)).buffer;
  }

  // src/polling.js
  var SEPARATOR = "";
  var CLOSE = "1";
  var PATIENCE = 2e3;
  function polling(url, opts, hooks) {
    const abort = new AbortController();
    const { signal } = abort;
    let paused, closed, receiving, sending;
    const transport = { name: "polling", writable: true, open, pause, send, close };
    return transport;
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
    function close(session) {
      if (closed) return;
      transport.writable = false;
      closed = true;
      const end = () => abort.abort();
      if (!session) return end();
      request({ method: "POST", body: CLOSE, keepalive: true, signal: AbortSignal.timeout(PATIENCE) }).then(end, end);
    }
    async function poll() {
      while (!paused && !closed) {
        const payload = await request({ signal }).catch(fail2);
        for (const frame of payload?.split(SEPARATOR) ?? []) receive(frame);
      }
    }
    async function post(frames) {
      const body = (await Promise.all(frames.map(pack))).join(SEPARATOR);
      await request({ method: "POST", body, signal }).catch(fail2);
      if (closed) return;
      transport.writable = true;
      hooks.drain();
    }
    function receive(frame) {
      if (closed) return;
      try {
        frame = unpack(frame);
      } catch (error) {
        return fail2(error);
      }
      hooks.frame(frame);
    }
    function fail2(error) {
      if (!closed) hooks.end("transport error", error);
    }
    async function request(init) {
      const answer = await fetch(url("http"), {
        cache: "no-store",
        credentials: opts.withCredentials ? "include" : void 0,
        headers: opts.extraHeaders,
        ...init
      });
      const context = await answer.text();
      const description = answer.status;
      if (description === 200) return context;
      throw Object.assign(new Error(`polling failed with status ${description}`), { description, context });
    }
  }
  var pack = async (frame) => isBinary(frame) ? `b${await toBase64(frame)}` : frame;
  var unpack = (text) => text[0] === "b" ? asReceived(fromBase64(text.slice(1))) : text;

  // src/websocket.js
  function websocket(url, opts, hooks) {
    let socket;
    const transport = { name: "websocket", writable: false, open, send, close };
    return transport;
    function open() {
      const { WebSocket = globalThis.WebSocket, protocols = [], extraHeaders: headers } = opts;
      socket = new WebSocket(url("ws"), protocols, headers && { headers });
      socket.binaryType = "arraybuffer";
      socket.onopen = () => {
        transport.writable = true;
        hooks.open?.();
      };
      socket.onmessage = ({ data }) => hooks.frame(typeof data === "string" ? data : asReceived(data));
      socket.onerror = (event) => {
        end("transport error", Object.assign(new Error(event.message || "websocket error"), { context: event }));
      };
      socket.onclose = (event) => end("transport close", event);
    }
    function send(frames) {
      transport.writable = false;
      for (const frame of frames) socket.send(frame);
      queueMicrotask(() => {
        if (!socket) return;
        transport.writable = true;
        hooks.drain?.();
      });
    }
    function close() {
      const old = socket;
      socket = void 0;
      transport.writable = false;
      if (!old) return;
      old.onopen = old.onmessage = old.onclose = old.onerror = () => {
      };
      old.close();
    }
    function end(reason, description) {
      close();
      hooks.end(reason, description);
    }
  }

  // src/engine.js
  var TRANSPORTS = { polling, websocket };
  var [OPEN, CLOSE2, PING, PONG, MESSAGE, UPGRADE, NOOP] = "0123456";
  var PROBE = "probe";
  function startEngine(base, opts) {
    const engine = Object.assign(new Emitter(), { write, close, reject, isWritable, isExpired });
    const { transports, upgrade = true } = opts;
    const hooks = { frame: read, drain: drained, end };
    let state = "opening";
    let waiting = [];
    let isSwitching = false;
    let probe, handshake, deadline, watchdog;
    onPage("offline", goOffline);
    engine.transport = make(transports[0], hooks);
    engine.transport.open();
    return engine;
    function make(name, hooks2) {
      const start = TRANSPORTS[name];
      if (!start) throw new Error(`there is no transport "${name}"`);
      return start((scheme) => {
        const query = new URLSearchParams({ ...opts.query, EIO: 4, transport: name });
        if (engine.id) query.set("sid", engine.id);
        return `${base.replace("http", scheme)}?${query}`;
      }, opts, hooks2);
    }
    function read(frame) {
      if (state === "closed") return;
      if (isBinary(frame)) return handshake ? engine.fire("message", frame) : reject();
      const [type] = frame;
      const data = frame.slice(1);
      if (!handshake) type === OPEN ? greet(data) : reject();
      else if (type === MESSAGE) engine.fire("message", data);
      else if (type === PING) answerPing();
      else if (type === CLOSE2) end("transport close");
      else if (type !== NOOP) reject();
    }
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
    function isExpired() {
      const isLate = Date.now() > deadline;
      if (isLate) queueMicrotask(() => end("ping timeout"));
      return isLate;
    }
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
    function fitting() {
      const { maxPayload } = handshake;
      if (!maxPayload || engine.transport.name !== "polling") return waiting.length;
      let size = -1;
      const end2 = waiting.findIndex((frame) => {
        const bytes = byteLength(frame);
        size += 1 + (isBinary(frame) ? 1 + 4 * Math.ceil(bytes / 3) : bytes);
        return size > maxPayload;
      });
      return end2 < 0 ? waiting.length : end2 || 1;
    }
    function drained() {
      flush();
      if (!waiting.length) engine.fire("drain");
      closeWhenDone();
    }
    function startProbe() {
      const own = {
        open: () => probe.send([PING + PROBE]),
        frame: (frame) => frame === PONG + PROBE ? switchTo(own) : failProbe(),
        end: (_, error) => failProbe(error)
      };
      probe = make("websocket", own);
      probe.open();
    }
    async function switchTo(own) {
      if (isSwitching || state !== "open") return failProbe();
      isSwitching = true;
      await engine.transport.pause();
      if (state === "closed") return;
      isSwitching = false;
      if (probe) {
        engine.transport = probe;
        probe = void 0;
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
      probe = void 0;
      engine.fire("upgradeError", error);
    }
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

  // src/parser.js
  var CONNECT = 0;
  var DISCONNECT = 1;
  var EVENT = 2;
  var ACK = 3;
  var CONNECT_ERROR = 4;
  var BINARY_EVENT = 5;
  var TO_BINARY = BINARY_EVENT - EVENT;
  var RESERVED = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];
  function encode({ type, nsp, id = "", data }) {
    const attachments = [];
    function detach(key, value) {
      if (!isBinary(this[key])) return value;
      return { _placeholder: true, num: attachments.push(this[key]) - 1 };
    }
    const json = JSON.stringify(data, type === EVENT || type === ACK ? detach : void 0) ?? "";
    const kind = attachments.length ? `${type + TO_BINARY}${attachments.length}-` : type;
    return [`${kind}${nsp === "/" ? "" : `${nsp},`}${id}${json}`, ...attachments];
  }
  function decoder() {
    let packet, missing, attachments;
    return (frame) => {
      if (isBinary(frame) !== missing > 0) fail("attachments behind their text");
      if (missing) {
        attachments.push(frame);
      } else {
        packet = decode(frame);
        attachments = [];
      }
      missing = packet.attachments - attachments.length;
      if (missing) return void 0;
      if (attachments.length) packet.data = attach(packet.data, attachments);
      return packet;
    };
  }
  var PACKET = /^([0-6])(?:(\d+)-)?(?:(\/[^,]*)(?:,|$))?(\d*)(.*)$/s;
  function decode(text) {
    const [, kind, count, nsp = "/", id, json] = PACKET.exec(text) ?? fail("a packet");
    const isBinaryKind = kind >= BINARY_EVENT;
    const type = isBinaryKind ? kind - TO_BINARY : +kind;
    const attachments = +(count ?? 0);
    const data = json ? JSON.parse(json) : void 0;
    const placeholders = text.split('"_placeholder"').length - 1;
    if (isBinaryKind !== Boolean(count) || attachments > placeholders) fail("placeholders for all attachments");
    if (!hasShape[type](data)) fail(`other data in packet ${kind}`);
    return { type, nsp, id: id ? +id : void 0, data, attachments };
  }
  var isObject = (data) => typeof data === "object" && data !== null && !Array.isArray(data);
  var isEvent = ([name]) => ["string", "number"].includes(typeof name) && !RESERVED.includes(name);
  var hasShape = [
    (data = {}) => isObject(data),
    (data) => data === void 0,
    (data) => Array.isArray(data) && isEvent(data),
    Array.isArray,
    (data) => typeof data === "string" || isObject(data)
  ];
  function attach(value, attachments) {
    if (typeof value !== "object" || value === null) return value;
    if (value._placeholder === true) {
      const found = attachments[value.num];
      return isBinary(found) ? found : fail("attachments for all placeholders");
    }
    for (const key of Object.keys(value)) value[key] = attach(value[key], attachments);
    return value;
  }
  function fail(expected) {
    throw new Error(`expected ${expected}`);
  }

  // src/acks.js
  function openAcks(self) {
    const waiting = /* @__PURE__ */ new Map();
    const acks = { next: 0, expect, settle, failExcept };
    return acks;
    function expect(ack, takesError, timeout, timedOut) {
      const id = acks.next++;
      const isTimed = timeout !== void 0;
      const giveUp = () => {
        timedOut(id);
        settle(id, new Error("operation has timed out"));
      };
      waiting.set(id, { ack, takesError: takesError || isTimed, timer: isTimed && setTimeout(giveUp, timeout) });
      return id;
    }
    function settle(id, error, args = []) {
      const { ack, takesError, timer } = waiting.get(id) ?? {};
      waiting.delete(id);
      clearTimeout(timer);
      if (ack && (takesError || !error)) callAll([ack], self, takesError ? [error, ...args] : args);
    }
    function failExcept(unsent) {
      for (const id of waiting.keys()) if (!unsent.includes(id)) settle(id, new Error("socket has been disconnected"));
    }
  }

  // src/storage.js
  var PATIENCE2 = 1e3;
  function openSession(options, address, page) {
    let pid, offset, release;
    const session = { proof, begin, processed, end };
    if (options) surviveReloads(options);
    return session;
    function proof() {
      return pid && { pid, offset };
    }
    function begin(given) {
      const recovered = Boolean(given) && given === pid;
      if (!recovered) end();
      pid = given;
      return recovered;
    }
    function processed(args) {
      const last = args.length > 1 && args.at(-1);
      if (pid && typeof last === "string") offset = last;
    }
    function end() {
      pid = offset = void 0;
      release?.();
    }
    function surviveReloads({ storage = "session", key = address, maxAge = 12e4, auth: keepsAuth }) {
      const name = `greenroom:${key}`;
      const store = attempt(() => typeof storage === "string" ? globalThis[`${storage}Storage`] : storage);
      if (!store) return;
      take();
      onPage("pagehide", () => {
        const auth = keepsAuth && page.auth;
        if (pid) attempt(() => store.setItem(name, JSON.stringify({ pid, offset, auth, at: Date.now() })));
        release?.();
        page.leave();
      });
      onPage("pageshow", ({ persisted }) => persisted && take());
      function take() {
        const entry = attempt(() => JSON.parse(store.getItem(name)));
        attempt(() => store.removeItem(name));
        end();
        if (!entry || !(Date.now() - entry.at < maxAge)) return;
        session.claim = lock(entry.pid).then(() => {
          ({ pid, offset } = entry);
          page.auth ??= entry.auth;
        }, () => {
        });
      }
    }
    function lock(id) {
      const locks = globalThis.navigator?.locks;
      return new Promise((resolve, reject) => {
        const hold = () => new Promise((free) => resolve(release = free));
        if (!locks) return resolve();
        locks.request(`greenroom:${id}`, { signal: AbortSignal.timeout(PATIENCE2) }, hold).catch(reject);
      });
    }
  }
  function attempt(act) {
    try {
      return act();
    } catch {
      return void 0;
    }
  }

  // src/socket.js
  var [INCOMING, OUTGOING] = [0, 1];
  var Socket = class extends Emitter {
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
    constructor(io2, nsp, { auth, ackTimeout, connectionStateRecovery }, address) {
      super();
      this.io = io2;
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
      const ack = typeof args.at(-1) === "function" ? args.pop() : void 0;
      this.#emit(event, args, ack);
      return this;
    }
    emitWithAck(event, ...args) {
      return new Promise((resolve, reject) => {
        this.#emit(event, args, (error, answer) => error ? reject(error) : resolve(answer), true);
      });
    }
    #emit(event, args, ack, takesError) {
      const { volatile, timeout = this.#ackTimeout } = this.#flags;
      this.#flags = {};
      if (RESERVED.includes(event)) throw new Error(`"${event}" is a reserved event name`);
      const data = [event, ...args];
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
      this.#entering = void 0;
      this.io.left();
    }
    async enter() {
      const entering = this.#entering = {};
      const enter = (auth) => {
        if (entering !== this.#entering) return;
        this.#entering = void 0;
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
      this.fire("connect");
    }
    #deliver(data, id) {
      if (!this.connected) return;
      const args = id === void 0 ? data : [...data, this.#answer(id)];
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
      this.#entering = void 0;
      this.#toHear = [];
      this.connected = false;
      this.id = void 0;
      this.fire("disconnect", reason, description);
      this.#acks.failExcept(this.#toSend.map(({ id }) => id));
    }
  };

  // src/manager.js
  var DEFAULTS = {
    path: "/socket.io",
    transports: ["polling", "websocket"],
    autoConnect: true,
    reconnection: true,
    reconnectionAttempts: Infinity,
    reconnectionDelay: 1e3,
    reconnectionDelayMax: 5e3,
    randomizationFactor: 0.5,
    timeout: 2e4
  };
  var Manager = class extends Emitter {
    #origin;
    #sockets = /* @__PURE__ */ new Map();
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
      const engine = this.engine = startEngine(this.#address(), this.opts);
      const { timeout } = this.opts;
      this.#state = "opening";
      if (timeout !== false) this.#timer = setTimeout(() => this.#failed(new Error("timeout")), timeout);
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
      if (!reconnection || !this.#isWanted || this.#state !== "closed") return;
      if (attempts >= reconnectionAttempts) return this.#announce("reconnect_failed");
      this.#state = "waiting";
      this.#attempts = attempts + 1;
      this.#timer = setTimeout(() => {
        this.#announce("reconnect_attempt", this.#attempts);
        if (this.#state === "waiting") this.#try();
      }, backoff(attempts, this.opts));
    }
  };

  // src/index.js
  var managers = /* @__PURE__ */ new Map();
  function io(url, opts) {
    if (typeof url === "object") return io(void 0, url);
    const { origin, nsp, query } = parse(url);
    const { forceNew, multiplex = true } = opts ?? {};
    const options = { query, ...opts };
    let manager = managers.get(origin);
    const isShared = multiplex && !forceNew && !manager?.serves(nsp);
    if (!isShared || !manager) manager = new Manager(origin, options);
    if (isShared) managers.set(origin, manager);
    return manager.socket(nsp, options);
  }
  function parse(url = "/") {
    const here = globalThis.location;
    const [, scheme = here?.protocol ?? "https:", host = here?.host, nsp, search] = URL_PARTS.exec(url);
    if (!host) throw new Error(`expected a URL, found "${url}"`);
    const { origin } = new URL(`${scheme.replace("ws", "http")}//${host}`);
    return { origin, nsp: nsp || "/", query: Object.fromEntries(new URLSearchParams(search)) };
  }
  var URL_PARTS = /^(?:(\w+:)?\/\/)?([^/?#]+)?([^?#]*)(\?[^#]*)?/;
  var protocol = 5;
  Object.assign(io, { connect: io, io, Manager, Socket, protocol });

  // src/global.js
  globalThis.io = io;
})();
