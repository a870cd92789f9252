// Node's socket.io on the port that the environment names, ready when it says so, ending when it is asked to.

import http from "node:http";

import { Server } from "socket.io";

/** `answer`: what to do with requests that are not for socket.io. */
export function serve(options, answer = (_, response) => response.writeHead(404).end()) {
  const server = http.createServer(answer);
  const io = new Server(server, options);
  server.listen(Number(process.env.PORT), "127.0.0.1", () => console.log(`listening on 127.0.0.1:${process.env.PORT}`));
  process.once("SIGTERM", () => io.close(() => process.exit(0)));
  return io;
}
