// The events of tests/servers/src/bin/bench.rs, with socket.io.
const http = require("node:http");
const { Server } = require("socket.io");

const server = http.createServer();
const io = new Server(server, { perMessageDeflate: false, httpCompression: false, serveClient: false });

io.on("connection", (socket) => {
  socket.on("echo", (note) => socket.emit("echo", note));
  socket.on("ack", (note, ack) => ack(note));
  socket.on("join", (room, ack) => {
    socket.join(room);
    ack();
  });
  socket.on("leave", (room, ack) => {
    socket.leave(room);
    ack();
  });
  socket.on("cast", (room, note) => io.to(room).emit("cast", note));
});

server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1");
