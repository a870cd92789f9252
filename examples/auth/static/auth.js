// The page of the door: it keeps one pair of tokens, shows the newest at each connection, and knows what to do when it is refused.
//
// The pair is in sessionStorage, so that a reload keeps the login and each tab has its own.

const $ = (id) => document.getElementById(id);
let tokens = JSON.parse(sessionStorage.getItem("tokens"));
let until = 0;

function tell(text) {
  const line = document.createElement("li");
  line.textContent = text;
  $("log").append(line);
  line.scrollIntoView({ block: "nearest" });
}

async function post(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.message), { code: answer.code });
  return answer;
}

function keep(pair) {
  tokens = pair;
  if (pair) sessionStorage.setItem("tokens", JSON.stringify(pair));
  else sessionStorage.removeItem("tokens");
  until = pair ? Date.now() + pair.seconds * 1000 : 0;
  $("left").max = pair?.seconds ?? 1;
  show();
}

function show() {
  $("out").hidden = tokens !== null;
  $("in").hidden = tokens === null;
  const left = Math.max(0, Math.round((until - Date.now()) / 1000));
  $("left").value = left;
  $("seconds").textContent = left ? `good for ${left} s` : "expired";
  $("state").textContent = socket.connected ? "Connected as" : "Not connected";
  $("state").dataset.connected = socket.connected;
}

// ---------------------------------------------------------------- the connection

const socket = io({
  autoConnect: false,
  // Asked at each connection: after a refresh the old token would be refused.
  auth: (send) => send({ token: tokens?.access ?? "" }),
});

socket.on("connect", () => {
  tell(socket.recovered ? "Back, in the same session." : "Connected.");
  show();
});
socket.on("welcome", (user) => ($("me").textContent = user));
socket.on("expiring", (seconds) => {
  tell(`The token expires in ${seconds} s.`);
  if ($("auto").checked) refresh();
});
socket.on("disconnect", (reason) => {
  tell(`Disconnected: ${reason}.`);
  show();
  // The server showed this page out: an expired token can be refreshed, a revoked login cannot.
  if (reason === "io server disconnect") comeBack();
});
socket.on("connect_error", (error) => {
  // Without data it is the network, and the client tries again by itself.
  if (!error.data) return;
  tell(`Refused: ${error.data.code}.`);
  show();
  comeBack();
});

async function comeBack() {
  if (await refresh()) socket.connect();
}

// ---------------------------------------------------------------- the tokens

/** The refresh that is under way: a token that comes twice would end the login. */
let refreshing;

function refresh() {
  refreshing ??= renew().finally(() => (refreshing = undefined));
  return refreshing;
}

async function renew() {
  if (!tokens) return false;
  try {
    keep(await post("/refresh", { token: tokens.refresh }));
    tell("Refreshed.");
    return true;
  } catch (error) {
    // Without a code the server was not reached, or is ill: the login may still be good.
    if (error.code) leave(`Logged out: ${error.message}.`);
    else tell(`Not refreshed: ${error.message}.`);
    return false;
  }
}

function leave(why) {
  if (!tokens) return;
  keep(null);
  socket.disconnect();
  tell(why);
}

async function logout(path) {
  const { access } = tokens;
  leave("Logged out.");
  await post(path, { token: access }).catch((error) => tell(`The server says: ${error.message}.`));
}

// ---------------------------------------------------------------- the page

$("out").addEventListener("submit", async (event) => {
  event.preventDefault();
  $("error").textContent = "";
  try {
    keep(await post("/login", { name: $("name").value.trim() }));
    tell("Logged in.");
    socket.connect();
  } catch (error) {
    $("error").textContent = error.message;
  }
});
$("refresh").addEventListener("click", comeBack);
// As a network does it that goes away: the client comes back by itself.
$("lose").addEventListener("click", () => socket.io.engine.close());
$("logout").addEventListener("click", () => logout("/logout"));
$("everywhere").addEventListener("click", () => logout("/logout-everywhere"));
setInterval(show, 500);

show();
// After a reload nobody knows how old the token is.
if (tokens) comeBack();
