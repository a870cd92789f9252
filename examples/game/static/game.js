// The page of the game: draws the sky between two beats, and says where the pilot points.
//
// The server owns the sky. What is drawn is one beat old and moves smoothly from the last frame to this one; sparks
// that fly apart and tails are only for the eye, and only here.

const ARENA = location.hash.slice(1) || "main";
const BEAT = 33; // ms
const TAIL = 90; // points
const STEER_EVERY = 50; // ms

const $ = (id) => document.getElementById(id);
const canvas = $("sky");
const pen = canvas.getContext("2d");
const socket = io({ autoConnect: false });

let sky = { width: 1600, height: 900 };
let you = 0;
let names = new Map();
let last = null; // the frame before
let now = null; // this one, and when it came
let dust = []; // of comets that were shattered
let point = null; // where the pilot points, in the sky
const tails = new Map();

// ---------------------------------------------------------------- talking

$("door").addEventListener("submit", (event) => {
  event.preventDefault();
  socket.connect();
});
socket.on("connect", fly);
socket.on("connect_error", (error) => ($("complaint").textContent = error.message));
socket.on("disconnect", () => (document.body.dataset.state = "lost"));
socket.on("pilots", (pilots) => (names = new Map(pilots)));
// The arena panicked and is back: everybody has a new comet.
socket.on("room_restarted", () => socket.disconnect().connect());

async function fly() {
  const answer = await socket.emitWithAck("fly", ARENA, $("name").value);
  if (!answer.ok) {
    $("complaint").textContent = answer.error.message;
    socket.disconnect();
    document.body.dataset.state = "door";
    return;
  }
  ({ you, width: sky.width, height: sky.height } = answer.data);
  names = new Map(answer.data.pilots);
  document.body.dataset.state = "flying";
}

socket.on("frame", (frame) => {
  const at = performance.now();
  last = now;
  now = { at, beat: frame.beat, sparks: frame.sparks, comets: new Map(frame.comets.map((comet) => [comet[0], comet])) };
  for (const [, id] of frame.shattered) shatter(last?.comets.get(id));
  for (const [id, comet] of now.comets) {
    const tail = tails.get(id) ?? [];
    tail.push([comet[1], comet[2]]);
    const length = Math.min(TAIL, 20 + comet[4] * 2);
    while (tail.length > length) tail.shift();
    tails.set(id, tail);
  }
  for (const id of tails.keys()) if (!now.comets.has(id)) tails.delete(id);
  document.body.dataset.beat = frame.beat;
  keepScore();
});

function keepScore() {
  const best = [...now.comets.values()].sort((a, b) => b[4] - a[4]).slice(0, 8);
  $("scores").replaceChildren(
    ...best.map(([id, , , , sparks]) => {
      const line = document.createElement("li");
      line.style.color = colour(id, 75);
      line.classList.toggle("me", id === you);
      const [name, score] = [document.createElement("span"), document.createElement("span")];
      name.textContent = names.get(id) ?? "drifter";
      score.textContent = sparks;
      line.append(name, score);
      return line;
    }),
  );
}

// ---------------------------------------------------------------- steering

function aim(event) {
  const { scale, left, top } = view();
  point = [(event.clientX - left) / scale, (event.clientY - top) / scale];
}
addEventListener("pointermove", aim);
addEventListener("pointerdown", aim);
setInterval(() => {
  const me = now?.comets.get(you);
  if (me && point) socket.volatile.emit("steer", Math.atan2(point[1] - me[2], point[0] - me[1]));
}, STEER_EVERY);

// ---------------------------------------------------------------- drawing

const colour = (id, light, alpha = 1) => `hsl(${(id * 67) % 360} 90% ${light}% / ${alpha})`;

function view() {
  const scale = Math.min(innerWidth / sky.width, innerHeight / sky.height);
  return { scale, left: (innerWidth - sky.width * scale) / 2, top: (innerHeight - sky.height * scale) / 2 };
}

function shatter(comet) {
  if (!comet) return;
  for (let n = 0; n < 40; n += 1) {
    const [angle, speed] = [Math.random() * Math.PI * 2, 1 + Math.random() * 5];
    dust.push({ x: comet[1], y: comet[2], vx: Math.cos(angle) * speed, vy: Math.sin(angle) * speed, life: 1, id: comet[0] });
  }
}

/** Between the last frame and this one; a jump over the edge is not drawn as a flight across the sky. */
function between(id, comet, share) {
  const before = last?.comets.get(id);
  if (!before || Math.hypot(comet[1] - before[1], comet[2] - before[2]) > 60) return [comet[1], comet[2]];
  return [before[1] + (comet[1] - before[1]) * share, before[2] + (comet[2] - before[2]) * share];
}

function glow(x, y, radius, id, light) {
  const shine = pen.createRadialGradient(x, y, 0, x, y, radius);
  shine.addColorStop(0, colour(id, 96));
  shine.addColorStop(0.3, colour(id, light, 0.8));
  shine.addColorStop(1, colour(id, light, 0));
  pen.fillStyle = shine;
  pen.fillRect(x - radius, y - radius, radius * 2, radius * 2);
}

function drawTail(id, tail, head, size) {
  const points = [...tail, head];
  for (let n = 1; n < points.length; n += 1) {
    const [from, to] = [points[n - 1], points[n]];
    if (Math.hypot(to[0] - from[0], to[1] - from[1]) > 60) continue;
    pen.strokeStyle = colour(id, 62, (n / points.length) ** 2 * 0.7);
    pen.lineWidth = size * (n / points.length);
    pen.beginPath();
    pen.moveTo(...from);
    pen.lineTo(...to);
    pen.stroke();
  }
}

function draw(time) {
  requestAnimationFrame(draw);
  const ratio = devicePixelRatio || 1;
  const [width, height] = [Math.round(innerWidth * ratio), Math.round(innerHeight * ratio)];
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  const { scale, left, top } = view();
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.globalCompositeOperation = "source-over";
  pen.fillStyle = "#060815";
  pen.fillRect(0, 0, width, height);
  pen.setTransform(scale * ratio, 0, 0, scale * ratio, left * ratio, top * ratio);
  pen.globalCompositeOperation = "lighter";
  pen.lineCap = "butt";
  if (!now) return;
  const share = Math.min(1, (time - now.at) / BEAT);
  now.sparks.forEach(([x, y], n) => glow(x, y, 9 + 3 * Math.sin(time / 300 + n), n, 70));
  for (const [id, comet] of now.comets) {
    const head = between(id, comet, share);
    const size = 7 + Math.sqrt(comet[4]) * 2.2;
    drawTail(id, (tails.get(id) ?? []).slice(0, -1), head, size);
    glow(head[0], head[1], size * 2.6, id, 65);
  }
  for (const mote of dust) {
    mote.x += mote.vx;
    mote.y += mote.vy;
    mote.life -= 0.02;
    glow(mote.x, mote.y, 8 * Math.max(0, mote.life) + 0.1, mote.id, 70);
  }
  dust = dust.filter((mote) => mote.life > 0);
}
requestAnimationFrame(draw);
