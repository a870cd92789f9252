// The page of the box office: it changes shows by requests, books by an event, and shows what it is told.
//
// Nothing is drawn from an answer: what changed comes as an event, to this page as to all others. Titles go through `textContent`.

const $ = (id) => document.getElementById(id);
/** By id. */
let shows = new Map();

const socket = io();
socket.on("connect", () => ($("state").textContent = "Connected."));
socket.on("disconnect", () => ($("state").textContent = "Not connected: what you see may be old."));
socket.on("shows", (list) => {
  shows = new Map(list.map((show) => [show.id, show]));
  draw();
});
socket.on("changed", (show) => {
  // Two changes made at the same moment may come in either order.
  if (show.version < shows.get(show.id)?.version) return;
  shows.set(show.id, show);
  draw();
});
socket.on("removed", (id) => {
  shows.delete(id);
  draw();
});

async function request(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error((await response.json()).message);
}

/** What it says goes to the reader, not to the console. */
async function attempt(act) {
  $("error").textContent = "";
  try {
    await act();
  } catch (error) {
    $("error").textContent = error.message;
  }
}

async function book(id) {
  const answer = await socket.timeout(5000).emitWithAck("book", id);
  if (!answer.ok) throw new Error(answer.error.message);
}

function draw() {
  $("shows").replaceChildren(...[...shows.values()].map(row));
  $("empty").hidden = shows.size > 0;
}

function row({ id, title, seats }) {
  const line = document.createElement("li");
  const name = Object.assign(document.createElement("b"), { textContent: title });
  const left = Object.assign(document.createElement("span"), { textContent: seats === 1 ? "1 seat" : `${seats} seats` });
  const booking = button("Book", `Book ${title}`, () => attempt(() => book(id)));
  booking.disabled = seats === 0;
  line.append(name, left, booking, button("Remove", `Remove ${title}`, () => attempt(() => request("DELETE", `/api/shows/${id}`))));
  return line;
}

function button(text, label, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: text, ariaLabel: label });
  made.addEventListener("click", act);
  return made;
}

$("add").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    await request("POST", "/api/shows", { title: $("title").value.trim(), seats: Number($("seats").value) });
    $("title").value = "";
    $("title").focus();
  });
});
