// The chat page: one file, no framework, no build step.
//
// It promises three things. What a person writes is kept until the server has said it has it. Nothing is shown
// twice, however often the connection breaks. Nothing that others write is ever treated as markup: every text
// from outside goes through `textContent`.
//
// What it sends and hears is typed all the same: contract.js is written by the server's tests, with its types beside it.

import { CONTRACT } from "./contract.js";

const LIMITS = { name: 24, room: 32, text: 2000 };
const ANSWER_WITHIN = 8000; // ms that an acknowledgement may take before the same thing is asked again
const TYPING_EVERY = 2500; // ms between two "still typing"
const TYPING_FADES = 6000; // ms after which a silent typist is taken to have stopped
const SAME_BREATH = 5 * 60 * 1000; // ms within which lines of one person share one name

/** @type {(id: string) => any} An element of any kind: the page checks what travels, not its own markup. */
const $ = (id) => document.getElementById(id);
const length = (text) => [...text].length;

// ---------------------------------------------------------------- state

/** @type {Map<string, Room>} the rooms this person is in, or is on the way into */
const rooms = new Map();
/** What the server listed last: `[{name, count}]`. */
let listed = [];
/** Lines that the server has not confirmed, oldest first, of all rooms. */
const outbox = [];
let current = null;
let me = "";
/** @type {any} At the door there is no connection; whatever uses one runs behind it. */
const NONE = null;
/** @type {import("./contract.js").Chat.Socket} */
let socket = NONE;
let sending = false;

class Room {
  constructor(name) {
    this.name = name;
    this.inside = false; // the server has confirmed it on this connection
    this.here = [];
    this.entries = []; // lines and notes, in the order shown
    this.unread = 0;
    this.earlier = false;
    this.typists = new Map();
    this.draft = "";
  }

  lastId() {
    return this.entries.reduce((last, entry) => (entry.id > last ? entry.id : last), 0);
  }

  /** Takes a line that the server vouches for; one that is known already, by id or by key, is not added again. */
  accept(line) {
    if (this.entries.some((entry) => entry.id === line.id)) return false;
    const mine = this.entries.find((entry) => entry.key && entry.key === line.key);
    if (mine) {
      this.confirm(mine, line);
      return false;
    }
    this.place({ kind: "line", state: "said", ...line });
    return true;
  }

  confirm(entry, { id, at }) {
    const queued = outbox.indexOf(entry);
    if (queued >= 0) outbox.splice(queued, 1);
    this.entries.splice(this.entries.indexOf(entry), 1);
    Object.assign(entry, { id, at, state: "said" });
    this.place(entry);
  }

  /** Puts a confirmed line after everything older and before whatever still waits. */
  place(entry) {
    let at = this.entries.length;
    while (at > 0) {
      const before = this.entries[at - 1];
      const waits = before.kind === "line" && before.state !== "said";
      if (!waits && !(before.id > entry.id)) break;
      at -= 1;
    }
    this.entries.splice(at, 0, entry);
  }

  note(text) {
    this.entries.push({ kind: "note", text, at: Date.now() });
  }
}

// ---------------------------------------------------------------- connection

function connect(name) {
  if (typeof io === "undefined") {
    doorError("The server did not hand out /socket.io/socket.io.js, so this page cannot talk to it.");
    return;
  }
  me = name;
  /** @type {() => import("./contract.js").Chat.Auth} */
  const auth = () => ({ name: me, $contract: CONTRACT });
  // A function, because it is asked again at every reconnection.
  socket = io({ auth: (answer) => answer(auth()), ackTimeout: ANSWER_WITHIN, autoConnect: false });

  socket.on("connect", () => {
    showState();
    enterChat();
    for (const room of rooms.values()) join(room);
  });
  socket.on("disconnect", () => {
    for (const room of rooms.values()) {
      room.inside = false;
      forgetTypists(room);
    }
    showState();
    draw();
  });
  socket.on("connect_error", (error) => {
    if (error.data?.code === "bad_name") backToTheDoor(error.message);
    else if (!socket.active) backToTheDoor(`The server did not let you in: ${error.message}`);
    else if (!$("door").hidden) doorError("The server cannot be reached. Still trying…");
    showState();
  });
  socket.io.on("reconnect_attempt", showState);

  socket.on("rooms", (list) => {
    listed = list;
    drawRooms();
  });
  socket.on("message", (line) => {
    const room = rooms.get(line.room);
    if (!room) return;
    stopTyping(room, line.name);
    if (!room.accept(line)) return;
    if (room !== current || document.hidden) room.unread += 1;
    draw();
  });
  socket.on("joined", (name, who, members) => {
    const room = rooms.get(name);
    if (!room) return;
    if (!room.here.includes(who)) room.note(`Enter ${who}.`);
    room.here = members;
    draw();
  });
  socket.on("left", (name, who, members) => {
    const room = rooms.get(name);
    if (!room) return;
    stopTyping(room, who);
    if (!members.includes(who)) room.note(`Exit ${who}.`);
    room.here = members;
    draw();
  });
  socket.on("typing", (name, who, active) => {
    const room = rooms.get(name);
    if (!room) return;
    if (active) startTyping(room, who);
    else stopTyping(room, who);
    drawTyping();
  });

  socket.connect();
  showState();
}

async function join(room) {
  const connection = socket.id;
  let answer;
  try {
    answer = await socket.emitWithAck("join", room.name);
  } catch {
    // Nobody answered. If the connection is gone, the next one joins again; if it is still there, ask once more.
    if (socket.connected && socket.id === connection && rooms.has(room.name)) join(room);
    return;
  }
  if (socket.id !== connection || rooms.get(room.name) !== room) return;
  if (!answer.ok) {
    dropRoom(room);
    flash(`You cannot enter “${room.name}”: ${answer.error.message}`);
    return;
  }
  room.inside = true;
  const { members, history, earlier } = answer.data;
  room.here = members;
  const known = room.lastId();
  const oldest = history[0]?.id ?? 0;
  if (known && earlier && oldest > known) room.note("Some lines in between are no longer kept.");
  if (!known) room.earlier = earlier;
  for (const line of history) {
    if (room.accept(line) && known && room !== current) room.unread += 1;
  }
  draw();
  sendNext();
}

/** Sends what waits, one line at a time so that the order stays; the key lets the server see a repetition. */
async function sendNext() {
  if (sending) return;
  const entry = outbox.find((waiting) => rooms.get(waiting.room)?.inside);
  if (!entry || !socket.connected) return;
  sending = true;
  try {
    const answer = await socket.emitWithAck("say", entry.room, entry.text, entry.key);
    const room = rooms.get(entry.room);
    if (room && outbox.includes(entry)) {
      if (answer.ok) room.confirm(entry, answer.data);
      else refuse(entry, answer.error);
    }
  } catch {
    // No answer: the line stays where it is and goes out again, on this connection or the next.
  }
  sending = false;
  draw();
  sendNext();
}

function refuse(entry, error) {
  outbox.splice(outbox.indexOf(entry), 1);
  entry.state = "refused";
  entry.error = error.message;
}

// ---------------------------------------------------------------- what a person does

function say(text) {
  const entry = { kind: "line", state: "waiting", room: current.name, name: me, text, at: Date.now(), key: newKey() };
  current.entries.push(entry);
  outbox.push(entry);
  draw({ follow: true });
  sendNext();
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function openRoom(name) {
  if (current) {
    current.draft = $("text").value;
    tellTyping(false);
  }
  let room = rooms.get(name);
  if (!room) {
    room = new Room(name);
    rooms.set(name, room);
    if (socket.connected) join(room);
  }
  current = room;
  room.unread = 0;
  $("text").value = room.draft;
  fitText();
  history.replaceState(null, "", `#${encodeURIComponent(name)}`);
  $("lines").replaceChildren();
  draw({ follow: true });
}

function leaveRoom() {
  const room = current;
  if (outbox.some((entry) => entry.room === room.name)) return flash("Some of your lines here are not sent yet.");
  tellTyping(false);
  if (socket.connected) socket.emit("leave", room.name);
  dropRoom(room);
}

function dropRoom(room) {
  rooms.delete(room.name);
  for (let at = outbox.length - 1; at >= 0; at -= 1) if (outbox[at].room === room.name) outbox.splice(at, 1);
  if (current !== room) return draw();
  current = null;
  const next = rooms.keys().next().value ?? listed.find((other) => other.name !== room.name)?.name;
  if (next) openRoom(next);
  else draw();
}

let typingSince = 0;
let typingStops = 0;

function tellTyping(active) {
  clearTimeout(typingStops);
  const now = Date.now();
  if (active) {
    typingStops = setTimeout(() => tellTyping(false), TYPING_FADES - 1000);
    if (now - typingSince < TYPING_EVERY) return;
    typingSince = now;
  } else {
    if (!typingSince) return;
    typingSince = 0;
  }
  // Volatile: a late "is typing" is worth nothing, so it never queues.
  if (current?.inside) socket.volatile.emit("typing", current.name, active);
}

function startTyping(room, who) {
  clearTimeout(room.typists.get(who));
  const fade = () => {
    room.typists.delete(who);
    drawTyping();
  };
  room.typists.set(who, setTimeout(fade, TYPING_FADES));
}

function stopTyping(room, who) {
  clearTimeout(room.typists.get(who));
  room.typists.delete(who);
}

function forgetTypists(room) {
  for (const who of [...room.typists.keys()]) stopTyping(room, who);
}

// ---------------------------------------------------------------- drawing

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function draw({ follow = false } = {}) {
  drawRooms();
  drawPeople();
  drawTyping();
  drawLines(follow);
}

function drawRooms() {
  const names = new Map(listed.map(({ name, count }) => [name, count]));
  for (const room of rooms.values()) if (!names.has(room.name)) names.set(room.name, room.here.length);
  const rows = [...names].map(([name, count]) => {
    const room = rooms.get(name);
    const button = element("button", "room");
    button.type = "button";
    button.dataset.room = name;
    if (room === current && room) button.setAttribute("aria-current", "true");
    const label = element("bdi", "room-name", name);
    button.append(label);
    if (room?.unread) {
      const badge = element("span", "badge", String(room.unread));
      badge.append(element("span", "visually-hidden", " unread"));
      button.append(badge);
    }
    const people = element("span", "room-count", String(count));
    people.append(element("span", "visually-hidden", count === 1 ? " person" : " people"));
    button.append(people);
    const item = element("li");
    item.append(button);
    return item;
  });
  const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset?.room;
  $("rooms").replaceChildren(...rows);
  if (focused !== undefined) [...$("rooms").querySelectorAll("button")].find((b) => b.dataset.room === focused)?.focus();

  const unread = [...rooms.values()].reduce((sum, room) => sum + room.unread, 0);
  $("unread").hidden = unread === 0;
  $("unread").textContent = unread ? `${unread} unread` : "";
  document.title = `${unread ? `(${unread}) ` : ""}${current ? `${current.name} · ` : ""}Greenroom`;
}

function drawPeople() {
  $("room-title").textContent = current?.name ?? "";
  $("leave").hidden = !current;
  const here = current?.here ?? [];
  $("people-count").textContent = String(here.length);
  const rows = [...here].sort((a, b) => (a === me ? -1 : b === me ? 1 : a.localeCompare(b))).map((name) => {
    const item = element("li");
    item.append(element("bdi", "", name));
    if (name === me) item.append(element("span", "you", " you"));
    return item;
  });
  $("people").replaceChildren(...rows);
}

function drawTyping() {
  const names = current ? [...current.typists.keys()] : [];
  const line = $("typing");
  line.replaceChildren();
  if (names.length === 0) return;
  const shown = names.slice(0, 2).map((name) => element("bdi", "", name));
  if (names.length > 2) line.append("Several people are typing");
  else if (shown.length === 2) line.append(shown[0], " and ", shown[1], " are typing");
  else line.append(shown[0], " is typing");
  const dots = element("span", "dots");
  dots.setAttribute("aria-hidden", "true");
  dots.append(element("i"), element("i"), element("i"));
  line.append(dots);
}

function drawLines(follow) {
  const log = $("log");
  const list = $("lines");
  log.setAttribute("aria-label", current ? `What is said in ${current.name}` : "What is said");
  const atEnd = follow || log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  const entries = current?.entries ?? [];
  const keep = new Set();
  let before = null;
  entries.forEach((entry, index) => {
    entry.node ??= drawEntry(entry);
    refreshEntry(entry, before);
    keep.add(entry.node);
    // Only what is out of place moves: a screen reader reads what is added, and nothing again.
    if (list.children[index] !== entry.node) list.insertBefore(entry.node, list.children[index] ?? null);
    before = entry;
  });
  for (const node of [...list.children]) if (!keep.has(node)) node.remove();
  $("empty").hidden = !(current?.inside && !entries.some((entry) => entry.kind === "line"));
  $("gap-top").hidden = !current?.earlier;
  if (atEnd) log.scrollTop = log.scrollHeight;
  $("newer").hidden = atEnd || log.scrollHeight - log.scrollTop - log.clientHeight < 60;
}

function drawEntry(entry) {
  const item = element("li", entry.kind);
  if (entry.kind === "note") {
    item.append(element("p", "direction", entry.text));
    return item;
  }
  const mine = entry.name === me;
  item.classList.toggle("mine", mine);
  const day = element("p", "day");
  const speaker = element("p", "speaker");
  speaker.append(element("bdi", "", mine ? "You" : entry.name));
  const words = element("p", "words", entry.text);
  words.dir = "auto";
  const when = element("time", "when");
  const status = element("p", "status");
  item.append(day, speaker, words, when, status);
  return item;
}

const clock = new Intl.DateTimeFormat([], { hour: "numeric", minute: "2-digit" });
const calendar = new Intl.DateTimeFormat([], { weekday: "long", day: "numeric", month: "long" });

function refreshEntry(entry, before) {
  if (entry.kind !== "line") return;
  const at = new Date(entry.at);
  const sameDay = before && new Date(before.at).toDateString() === at.toDateString();
  const today = at.toDateString() === new Date().toDateString();
  const [day, , , when, status] = entry.node.children;
  day.hidden = Boolean(sameDay) || (!before && today);
  day.textContent = day.hidden ? "" : today ? "Today" : calendar.format(at);
  const follows = sameDay && before.kind === "line" && before.name === entry.name && entry.at - before.at < SAME_BREATH;
  entry.node.classList.toggle("follows", Boolean(follows));
  when.dateTime = at.toISOString();
  when.textContent = clock.format(at);
  if (entry.node.dataset.state !== entry.state) {
    entry.node.dataset.state = entry.state;
    drawStatus(entry, status);
  }
}

function drawStatus(entry, status) {
  status.replaceChildren();
  if (entry.state === "waiting") status.append("Not sent yet");
  if (entry.state === "refused") {
    const again = element("button", "link", "Try again");
    const drop = element("button", "link", "Discard");
    again.type = drop.type = "button";
    again.onclick = () => {
      entry.state = "waiting";
      outbox.push(entry);
      draw();
      sendNext();
    };
    drop.onclick = () => {
      const room = rooms.get(entry.room);
      room?.entries.splice(room.entries.indexOf(entry), 1);
      draw();
      $("text").focus();
    };
    status.append(`Not sent: ${entry.error}. `, again, " ", drop);
  }
}

function showState() {
  const [state, text] = !socket
    ? ["connecting", "Connecting…"]
    : socket.connected
      ? ["online", "Online"]
      : navigator.onLine === false || !socket.active
        ? ["offline", "Offline"]
        : $("chat").hidden
          ? ["connecting", "Connecting…"]
          : ["reconnecting", "Reconnecting…"];
  if ($("state").dataset.state !== state) {
    $("state").dataset.state = state;
    $("state-text").textContent = text;
  }
  $("come-in").disabled = !$("door").hidden && state !== "offline" && Boolean(socket);
  flash(state === "online" || state === "connecting" ? "" : "What you write is kept here and sent when the connection is back.");
}

function flash(text) {
  $("notice").hidden = !text;
  $("notice").textContent = text;
}

// ---------------------------------------------------------------- the door

function problemWith(text, limit, what) {
  if (!text) return `Please give ${what}.`;
  if (length(text) > limit) return `That is ${length(text)} characters; at most ${limit} fit.`;
  if (/\p{Cc}/u.test(text)) return "Please leave out control characters.";
  return "";
}

function doorError(text) {
  $("name-error").textContent = text;
  $("name").setAttribute("aria-invalid", text ? "true" : "false");
}

function enterChat() {
  if ($("door").hidden) return;
  remember("name", me);
  doorError("");
  $("door").hidden = true;
  $("chat").hidden = false;
  $("me").textContent = me;
  openRoom(roomInAddress() ?? current?.name ?? "Lobby");
  if (!matchMedia("(pointer: coarse)").matches) $("text").focus();
}

function backToTheDoor(reason) {
  socket?.removeAllListeners();
  socket?.disconnect();
  socket = NONE;
  rooms.clear();
  outbox.length = 0;
  listed = [];
  current = null;
  $("chat").hidden = true;
  $("door").hidden = false;
  $("come-in").disabled = false;
  doorError(reason);
  $("name").focus();
  $("name").select();
}

function roomInAddress() {
  try {
    const name = decodeURIComponent(location.hash.slice(1)).trim();
    return problemWith(name, LIMITS.room, "a name") ? null : name;
  } catch {
    return null;
  }
}

// Storage may be forbidden; then the name is simply asked for again.
function remember(what, value) {
  try {
    localStorage.setItem(`greenroom.${what}`, value);
  } catch {}
}

function recall(what) {
  try {
    return localStorage.getItem(`greenroom.${what}`) ?? "";
  } catch {
    return "";
  }
}

// ---------------------------------------------------------------- panels on narrow screens

function showPanel(which) {
  const open = document.body.dataset.panel;
  const next = open === which ? "" : which;
  document.body.dataset.panel = next;
  $("show-rooms").setAttribute("aria-expanded", String(next === "rooms"));
  $("show-people").setAttribute("aria-expanded", String(next === "people"));
  $("scrim").hidden = !next;
  if (next) $(`${next}-panel`).querySelector("button, input")?.focus();
  else if (open) $(`show-${open}`).focus();
}

const closePanel = () => document.body.dataset.panel && showPanel(document.body.dataset.panel);

// ---------------------------------------------------------------- wiring

function fitText() {
  const box = $("text");
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
}

$("door-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = $("name").value.trim().replace(/\s+/g, " ");
  const problem = problemWith(name, LIMITS.name, "a name");
  doorError(problem);
  if (problem) return $("name").focus();
  if (socket) backToTheDoor("");
  connect(name);
});

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text || !current) return;
  if (length(text) > LIMITS.text) return flash(`That is ${length(text)} characters; at most ${LIMITS.text} fit.`);
  $("text").value = "";
  fitText();
  tellTyping(false);
  if (socket.connected) flash("");
  say(text);
  $("text").focus();
});

$("text").addEventListener("input", () => {
  fitText();
  tellTyping($("text").value.trim() !== "");
});

$("text").addEventListener("keydown", (event) => {
  // On a touch keyboard Enter starts a new line, as people expect there; the button sends.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || matchMedia("(pointer: coarse)").matches) return;
  event.preventDefault();
  $("composer").requestSubmit();
});

$("new-room").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = $("new-room-name").value.trim().replace(/\s+/g, " ");
  if (!name) return $("new-room-name").focus();
  const problem = problemWith(name, LIMITS.room, "a name");
  if (problem) return flash(problem);
  $("new-room-name").value = "";
  closePanel();
  openRoom(name);
  $("text").focus();
});

$("rooms").addEventListener("click", (event) => {
  const name = event.target.closest("button")?.dataset.room;
  if (name === undefined) return;
  closePanel();
  openRoom(name);
  if (!matchMedia("(pointer: coarse)").matches) $("text").focus();
});

$("leave").addEventListener("click", () => {
  closePanel();
  leaveRoom();
});
$("change-name").addEventListener("click", () => {
  closePanel();
  if (outbox.length) return flash("Some of your lines are not sent yet.");
  backToTheDoor("");
});
$("show-rooms").addEventListener("click", () => showPanel("rooms"));
$("show-people").addEventListener("click", () => showPanel("people"));
$("scrim").addEventListener("click", closePanel);
addEventListener("keydown", (event) => event.key === "Escape" && closePanel());

$("newer").addEventListener("click", () => {
  $("log").scrollTop = $("log").scrollHeight;
  $("newer").hidden = true;
});
$("log").addEventListener("scroll", () => {
  const log = $("log");
  if (log.scrollHeight - log.scrollTop - log.clientHeight < 60) $("newer").hidden = true;
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden || !current) return;
  current.unread = 0;
  drawRooms();
});
addEventListener("hashchange", () => {
  const name = roomInAddress();
  if (name && current && name !== current.name) openRoom(name);
});
addEventListener("offline", showState);
addEventListener("online", () => {
  // Do not wait for the next attempt of the backoff: the network has just come back.
  if (socket && !socket.connected) socket.disconnect().connect();
  showState();
});
addEventListener("beforeunload", (event) => {
  if (outbox.length) event.preventDefault();
});

$("name").value = recall("name");
$("name").focus();
