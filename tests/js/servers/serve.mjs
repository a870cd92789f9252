// Node's socket.io on the port that the environment names, ready when it says so, ending when it is asked to.

import http from "node:http";

import { Server } from "socket.io";

export function serve(options) {
  const server = http.createServer((_, response) => response.writeHead(404).end());
  const io = new Server(server, options);
  server.listen(Number(process.env.PORT), "127.0.0.1", () => console.log(`listening on 127.0.0.1:${process.env.PORT}`));
  process.once("SIGTERM", () => io.close(() => process.exit(0)));
  return io;
}
