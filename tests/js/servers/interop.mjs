// Node's own server, doing what tests/servers/src/bin/interop.rs does.

import { serve } from "./serve.mjs";

const io = serve({ pingInterval: 1000, pingTimeout: 2000 });

io.of("/private").use((socket, next) => {
  if (socket.handshake.auth.token === "secret" || socket.handshake.query.token === "secret") return next();
  next(Object.assign(new Error("not authorized"), { data: { code: "E_AUTH" } }));
});

for (const nsp of [io.of("/"), io.of("/private")]) nsp.on("connection", welcome);

function welcome(socket) {
  const { auth, query } = socket.handshake;
  const transport = () => socket.conn.transport.name;
  socket.emit("welcome", { sid: socket.id, auth, token: query.token ?? null });
  socket.on("echo", (...args) => socket.emit("echo", ...args));
  socket.on("ack", (...args) => args.pop()(...args));
  socket.on("ask", (value) => socket.emit("question", value, (...answer) => socket.emit("answer", ...answer)));
  socket.on("transport", (_, ack) => ack(transport()));
  socket.on("join", (room, ack) => (socket.join(room), ack("joined")));
  socket.on("leave", (room, ack) => (socket.leave(room), ack("left")));
  socket.on("say", (room, message) => socket.to(room).emit("said", message));
  socket.on("say-all", (room, message) => socket.nsp.to(room).emit("said", message));
  socket.on("shout", (message) => socket.nsp.emit("shouted", message));
  socket.on("kick", (close) => socket.disconnect(close));
  socket.on("disconnect", (reason) => socket.nsp.to(`watch:${socket.id}`).emit("left", { sid: socket.id, reason }));
}
