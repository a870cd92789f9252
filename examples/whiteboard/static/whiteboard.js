// The page of the whiteboard: fingers, pens and mice to the board, and what others draw from there.
//
// One's own stroke is drawn at once and told on the way; the board's answer gives it its id.

const BOARD = decodeURIComponent(location.hash.slice(1)) || "main";
const WIDTHS = [3, 8, 20]; // units
const TELL_EVERY = 40; // ms
const STEP = 3; // units between two points
const PIECE = 200; // points in an event

const $ = (id) => document.getElementById(id);
const paper = new Paper($("paper"));
const socket = io({ autoConnect: false });
// Of this tab: a reload goes on as the same artist, a second tab is another one.
const ticket = (sessionStorage.ticket ??= Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join(""));

let you = 0;
let longest = 1000;
let pen = { colour: 0, width: WIDTHS[1] };
let stroke = null; // one's own, while the pen is down
let untold = []; // its points that the board does not know
let at = null; // where one points; null for nowhere
let told = { at, rests: true }; // what the board knows of that
const artists = new Map(); // id -> { name, colour, at, element }

// ---------------------------------------------------------------- coming in

$("board").textContent = BOARD;
document.title = `${BOARD} · Whiteboard`;
addEventListener("hashchange", () => location.reload());
$("name").value = localStorage.name ?? "";
$("door").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.name = localStorage.name = $("name").value;
  socket.connect();
});
if (sessionStorage.name) socket.connect();

socket.on("connect", async () => {
  const answer = await socket.emitWithAck("open", BOARD, { name: sessionStorage.name, ticket });
  if (!answer.ok) return turnedAway(answer.error.message);
  const welcome = answer.data;
  ({ you, length: longest } = welcome);
  paper.side = welcome.side;
  stroke = at = null;
  untold = [];
  told = { at, rests: true };
  paper.show(welcome.strokes);
  meet(welcome.artists);
  const me = artists.get(you);
  if (document.body.dataset.state === "door") choose("colours", me.colour);
  document.body.dataset.state = "open";
  notice("");
});
socket.on("connect_error", (error) => (document.body.dataset.state === "door" ? complain : notice)(error.message));
socket.on("disconnect", (reason) => {
  if (document.body.dataset.state !== "open") return;
  document.body.dataset.state = "lost";
  notice(reason === "io server disconnect" ? "Disconnected." : "Connection lost. Coming back …");
});
socket.on("room_closed", () => socket.disconnect().connect());

const complain = (text) => ($("complaint").textContent = text);
function turnedAway(text) {
  delete sessionStorage.name;
  document.body.dataset.state = "door";
  socket.disconnect();
  complain(text);
}

function notice(text) {
  $("notice").textContent = text;
}

// ---------------------------------------------------------------- what others do

socket.on("artists", meet);
socket.on("begun", (stroke) => paper.add(stroke));
socket.on("extended", (id, points) => {
  const stroke = paper.find(id);
  if (stroke) paper.extend(stroke, points);
});
socket.on("removed", (ids) => ids.forEach((id) => paper.remove(paper.find(id))));
socket.on("cleared", (id) => {
  stroke = null;
  paper.clear();
  notice(`${id === you ? "You" : (artists.get(id)?.name ?? "Somebody")} cleared the board.`);
});
socket.on("cursor", (id, place) => {
  const artist = artists.get(id);
  if (!artist) return;
  artist.at = place;
  show(artist);
});

function meet(badges) {
  for (const [id, { element }] of artists) {
    if (badges.some((badge) => badge.id === id)) continue;
    element.remove();
    artists.delete(id);
  }
  for (const badge of badges) {
    if (artists.has(badge.id)) continue;
    const element = $("cursor").content.firstElementChild.cloneNode(true);
    element.style.setProperty("--colour", COLOURS[badge.colour]);
    element.querySelector("span").textContent = badge.name;
    element.hidden = true;
    $("cursors").append(element);
    artists.set(badge.id, { ...badge, at: null, element });
  }
  $("artists").replaceChildren(
    ...[...artists.values()].map(({ id, name, colour }) => {
      const line = document.createElement("li");
      line.style.setProperty("--colour", COLOURS[colour]);
      line.append(Object.assign(document.createElement("span"), { textContent: name }), id === you ? " (you)" : "");
      return line;
    }),
  );
}

function show({ at, element }) {
  element.hidden = !at;
  if (!at) return;
  const [x, y] = paper.toWindow(at);
  element.style.transform = `translate(${x}px, ${y}px)`;
}
paper.moved = () => artists.forEach(show);

// ---------------------------------------------------------------- drawing

function begin(first) {
  const mine = { pen: { ...pen }, points: [first] };
  stroke = mine;
  paper.add(mine);
  socket.emit("begin", mine.pen, first, (answer) => {
    if (typeof answer === "number") return (mine.id = answer);
    paper.remove(mine);
    notice(answer.error.message);
  });
}

function draw(next) {
  const [x, y] = stroke.points.at(-1);
  if (Math.hypot(next[0] - x, next[1] - y) < STEP) return;
  paper.extend(stroke, [next]);
  untold.push(next);
  if (stroke.points.length < longest) return;
  tell();
  begin(next);
}

function end() {
  tell();
  stroke = null;
}

function tell() {
  while (untold.length) socket.emit("extend", untold.splice(0, PIECE));
}

/** What is on the way may get lost, where it comes to rest may not. */
function point() {
  const rests = at === null || at === told.at;
  if (at === told.at && rests === told.rests) return;
  told = { at, rests };
  if (rests) socket.emit("rest", at);
  else socket.volatile.emit("point", at);
}
setInterval(() => {
  if (document.body.dataset.state !== "open") return;
  tell();
  point();
}, TELL_EVERY);

// ---------------------------------------------------------------- pointers: one draws, two move the view

const pointers = new Map();
const board = $("paper");

board.addEventListener("pointerdown", (event) => {
  if (document.body.dataset.state !== "open" || event.button !== 0) return;
  board.setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, [event.clientX, event.clientY]);
  notice("");
  if (pointers.size === 1) return begin(paper.toBoard(event.clientX, event.clientY));
  // The first of two fingers has drawn a dot.
  if (stroke && stroke.points.length < 4) socket.emit("undo");
  if (stroke) end();
});

board.addEventListener("pointermove", (event) => {
  if (document.body.dataset.state !== "open") return;
  if (pointers.size > 1) return pinch(event);
  at = paper.toBoard(event.clientX, event.clientY);
  if (!stroke || !pointers.has(event.pointerId)) return;
  const steps = event.getCoalescedEvents?.() ?? [];
  for (const { clientX, clientY } of steps.length ? steps : [event]) draw(paper.toBoard(clientX, clientY));
});

for (const name of ["pointerup", "pointercancel"]) {
  board.addEventListener(name, (event) => {
    pointers.delete(event.pointerId);
    if (stroke) end();
    if (event.pointerType !== "mouse") at = null;
  });
}
board.addEventListener("pointerleave", () => (at = null));

function pinch(event) {
  const before = [...pointers.values()];
  if (!pointers.has(event.pointerId)) return;
  pointers.set(event.pointerId, [event.clientX, event.clientY]);
  const now = [...pointers.values()];
  const middle = ([a, b]) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const apart = ([a, b]) => Math.hypot(a[0] - b[0], a[1] - b[1]) || 1;
  const [from, to] = [middle(before), middle(now)];
  paper.pan(to[0] - from[0], to[1] - from[1]);
  paper.zoom(apart(now) / apart(before), ...to);
}

board.addEventListener(
  "wheel",
  (event) => {
    event.preventDefault();
    // What a trackpad's pinch comes as, too.
    if (event.ctrlKey) paper.zoom(Math.exp(-event.deltaY / 200), event.clientX, event.clientY);
    else paper.pan(-event.deltaX, -event.deltaY);
  },
  { passive: false },
);

// ---------------------------------------------------------------- tools

function choice(group, value, label, style) {
  const [box, dot] = [document.createElement("label"), document.createElement("i")];
  const input = Object.assign(document.createElement("input"), { type: "radio", name: group, value });
  input.setAttribute("aria-label", label);
  dot.style.setProperty(...style);
  box.append(input, dot);
  $(group).append(box);
}

function choose(group, value) {
  const input = $("tools").querySelector(`input[name=${group}][value="${value}"]`);
  input.checked = true;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

const NAMES = ["Ink", "Blue", "Red", "Green", "Orange", "Violet", "Teal", "Pink"];
COLOURS.forEach((colour, n) => choice("colours", n, NAMES[n], ["--colour", colour]));
WIDTHS.forEach((width, n) => choice("widths", width, ["Thin", "Medium", "Thick"][n], ["--width", `${width}px`]));
$("tools").addEventListener("change", ({ target }) => {
  if (target.name === "colours") pen.colour = Number(target.value);
  if (target.name === "widths") pen.width = Number(target.value);
});
choose("colours", pen.colour);
choose("widths", pen.width);

$("undo").addEventListener("click", () => socket.emit("undo"));
$("fit").addEventListener("click", () => paper.fit());
$("clear").addEventListener("click", () => confirm("Clear the board, for everybody?") && socket.emit("clear"));
addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key !== "z" || event.target.id === "name") return;
  event.preventDefault();
  socket.emit("undo");
});
