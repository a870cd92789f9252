// The page: comes in under a name, tells what this tab is doing, and draws who is here. What others say of themselves goes through `textContent`.

import { People } from "./people.js";

const $ = (id) => document.getElementById(id);
const people = new People();
const device = matchMedia("(pointer: coarse)").matches ? "Phone" : "Computer";
let me = localStorage.getItem("presence.name") ?? "";
let status = "";

/** What the address names. */
function room() {
  try {
    return decodeURIComponent(location.hash.slice(1)) || "Lobby";
  } catch {
    return "Lobby";
  }
}

/** What the others are told of this tab. */
const meta = () => ({ device, status, idle: document.hidden });

// A function, because it is asked again at every reconnection.
const socket = io({ autoConnect: false, auth: (answer) => answer({ name: me }) });

socket.on("connect", () => {
  show("inside");
  showState("online", "Connected");
  // Who comes back within the server's time is still in the room, and is told what was missed.
  if (!socket.recovered) enter();
});
socket.on("disconnect", () => showState("offline", "Not connected: what you see may be old"));
socket.on("connect_error", (error) => {
  if (error.data?.code === "bad_name") refuse(error.message);
  else showState("offline", "The server cannot be reached. Still trying…");
});
socket.on("presence_state", (state) => {
  people.state(state);
  draw();
});
socket.on("presence_diff", (diff) => {
  const { came, left } = people.diff(diff);
  const news = [...came.map((name) => `${name} came.`), ...left.map((name) => `${name} left.`)];
  if (news.length) $("news").textContent = news.join(" ");
  draw();
});

async function enter() {
  const name = room();
  // Without an answer the connection is gone, and the next one enters.
  const { ok, error } = await socket.emitWithAck("enter", name, meta()).catch((error) => ({ ok: false, error }));
  if (!ok) return ($("news").textContent = error.message);
  $("room").textContent = name;
  document.title = `${name} · Who is here`;
}

function update() {
  if (socket.connected) socket.emit("presence_update", meta());
}

// ---------------------------------------------------------------- what a person does

function comeIn(name) {
  me = name;
  localStorage.setItem("presence.name", me);
  showState("connecting", "Connecting…");
  socket.connect();
}

function refuse(why) {
  socket.disconnect();
  localStorage.removeItem("presence.name");
  people.clear();
  show("door");
  $("error").textContent = why;
  $("name").focus();
}

onSubmit("door", () => comeIn($("name").value.trim()));
onSubmit("saying", () => {
  status = $("status").value.trim();
  update();
});
onSubmit("moving", () => {
  const name = $("other").value.trim();
  $("other").value = "";
  if (name) location.hash = encodeURIComponent(name);
});
$("leave").addEventListener("click", () => refuse(""));
addEventListener("hashchange", () => socket.connected && enter());
document.addEventListener("visibilitychange", update);
// Who closes a tab is gone at once; without a word the server takes the network for lost, and waits.
addEventListener("pagehide", () => socket.disconnect());
addEventListener("pageshow", ({ persisted }) => persisted && me && socket.connect());

function onSubmit(id, act) {
  $(id).addEventListener("submit", (event) => {
    event.preventDefault();
    act();
  });
}

// ---------------------------------------------------------------- drawing

function show(part) {
  $("door").hidden = part !== "door";
  $("inside").hidden = part !== "inside";
  if (part === "inside") $("error").textContent = "";
}

function showState(state, text) {
  $("state").textContent = text;
  $("state").dataset.state = state;
  if (state === "offline") $("error").textContent = text;
}

function draw() {
  const all = people.list();
  $("count").textContent = all.length === 1 ? "1 person is here" : `${all.length} people are here`;
  $("people").replaceChildren(...all.map(([name, tabs]) => card(name, tabs)));
}

function card(name, tabs) {
  const card = element("li", "person");
  const initial = element("span", "initial", [...name][0]);
  initial.ariaHidden = "true";
  initial.style.setProperty("--hue", hue(name));
  const title = element("h3", "");
  title.append(element("bdi", "", name));
  if (name === me) title.append(element("span", "you", " you"));
  const list = element("ul", "tabs");
  list.append(...tabs.map(line));
  card.dataset.away = String(tabs.every((tab) => tab.away));
  card.append(initial, title, list);
  return card;
}

function line({ id, away, meta }) {
  const line = element("li", "tab");
  const where = meta?.device === "Phone" ? "Phone" : "Computer";
  line.append(element("span", "device", id === socket.id ? `${where}, this tab` : where));
  if (meta?.status) line.append(element("bdi", "status", String(meta.status).slice(0, 80)));
  if (away || meta?.idle) line.append(element("span", "absence", away ? "connection lost" : "looking elsewhere"));
  return line;
}

function element(tag, className, text = "") {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

/** Of a colour that a name has everywhere, 0 to 359. */
const hue = (name) => [...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 997, 7) * 137 % 360;

$("room").textContent = room();
if (me) {
  show("inside");
  comeIn(me);
} else {
  show("door");
}
