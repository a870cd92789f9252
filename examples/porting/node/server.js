// The server as it was, for Node. Its port is src/server.rs, in the same order.

const { createServer } = require("node:http");
const { Server } = require("socket.io");

const server = createServer();
const io = new Server(server);

// 1. Middleware: who gives no name is not let in.
io.use((socket, next) => {
  const { name } = socket.handshake.auth;
  if (typeof name === "string" && name !== "") {
    socket.data.name = name;
    return next();
  }
  const refusal = new Error("who are you?");
  refusal.data = { code: "no_name" };
  next(refusal);
});

// 2. A client is connected.
io.on("connection", (socket) => {
  const { name } = socket.data;
  socket.emit("welcome", { name, online: io.engine.clientsCount });

  // 3. To everybody else.
  socket.broadcast.emit("arrived", name);

  // 4. A room, and an acknowledgement.
  socket.on("join", (room, ack) => {
    socket.join(room);
    socket.to(room).emit("joined", room, name);
    ack(io.of("/").adapter.rooms.get(room).size);
  });

  socket.on("leave", (room) => {
    socket.leave(room);
    socket.to(room).emit("left", room, name);
  });

  // 5. To all who are in a room, the sender too; an argument that may be missing.
  socket.on("say", (room, text, manner, ack) => {
    if (!socket.rooms.has(room)) return ack({ error: "join first" });
    io.to(room).emit("said", room, name, text, manner?.loud ?? false);
    ack({ ok: true });
  });

  // 6. To everybody.
  socket.on("shout", (text) => io.emit("shouted", name, text));

  // 7. Binary, to some rooms at once, but not to another.
  socket.on("picture", (rooms, quiet, bytes) => {
    socket.to(rooms).except(quiet).emit("picture", name, bytes);
  });

  // 8. Clients are asked, and answer.
  socket.on("vote", async (room, question, ack) => {
    const asked = io.to(room).timeout(5000);
    const answers = await asked.emitWithAck("question", question).catch((error) => error.responses);
    ack(answers.filter((yes) => yes).length, answers.length);
  });

  // 9. It leaves, or is shown out.
  socket.on("bye", () => socket.disconnect(true));

  socket.on("disconnecting", () => {
    for (const room of socket.rooms) {
      if (room !== socket.id) socket.to(room).emit("left", room, name);
    }
  });

  socket.on("disconnect", (reason) => io.emit("gone", name, reason));
});

// 10. Listening, and going down in order.
const port = process.env.PORT ?? 3000;
server.listen(port, "127.0.0.1", () => console.log(`listening on 127.0.0.1:${port}`));
process.once("SIGTERM", () => io.close());
