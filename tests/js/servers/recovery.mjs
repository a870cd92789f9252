// Node's own server for recovery: sessions that come back, and a namespace that steers them.

import { serve } from "./serve.mjs";

const runsMiddlewares = "RUN_MIDDLEWARES" in process.env;
const io = serve({
  connectionStateRecovery: { maxDisconnectionDuration: 3000, skipMiddlewares: !runsMiddlewares },
  pingInterval: 500,
  pingTimeout: 500,
});

for (const name of ["/", "/second"]) {
  const nsp = io.of(name);
  nsp.use((socket, next) => {
    socket.data.mw = (socket.data.mw ?? 0) + 1;
    // What is sent meanwhile must not be lost.
    if (runsMiddlewares) setTimeout(next, 20);
    else next();
  });
  nsp.on("connection", (socket) => {
    socket.on("join", (room, ack) => (socket.join(room), ack("joined")));
    socket.on("set-data", (value, ack) => (Object.assign(socket.data, { value }), ack("ok")));
    socket.on("whoami", (_, ack) => ack(describe(socket)));
    socket.on("echo", (value) => socket.emit("echo", value));
    socket.on("kick", () => socket.disconnect());
  });
}

const describe = ({ id, recovered, rooms, data: { value = null, mw } }) => ({
  sid: id,
  recovered,
  rooms: [...rooms].sort(),
  value,
  mw,
});

let stream = { stop: () => 0 };

io.of("/ctl").on("connection", (socket) => {
  socket.on("send", ({ nsp, to, event, args, volatile }, ack) => {
    const target = to === null ? io.of(nsp) : io.of(nsp).to(to);
    (volatile ? target.volatile : target).emit(event, ...args);
    ack("sent");
  });
  socket.on("sockets", (nsp, ack) => ack([...io.of(nsp).sockets.keys()]));
  socket.on("stream", (what, ack) => {
    stream.stop();
    stream = start(what);
    ack("started");
  });
  socket.on("stop", (_, ack) => ack(stream.stop()));
});

function start({ nsp, room, event, rate }) {
  const from = Date.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = ((Date.now() - from) * rate) / 1000;
    while (sent < due) io.of(nsp).to(room).emit(event, (sent += 1));
  }, 5);
  return {
    stop() {
      clearInterval(timer);
      return sent;
    },
  };
}
