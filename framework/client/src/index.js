// The entrance: `io(url, options)` finds the connection to a server, or makes one, and gives the socket of a namespace.
//
// Promise: sockets of several namespaces of a server share one connection, as with the official client; the same
// namespace twice, `forceNew` or `multiplex: false` make a new one.

import { Manager } from "./manager.js";
import { Socket } from "./socket.js";

const managers = new Map();

export function io(url, opts) {
  if (typeof url === "object") return io(undefined, url);
  const { origin, nsp, query } = parse(url);
  const { forceNew, multiplex = true } = opts ?? {};
  const options = { query, ...opts };
  let manager = managers.get(origin);
  const isShared = multiplex && !forceNew && !manager?.serves(nsp);
  if (!isShared || !manager) manager = new Manager(origin, options);
  if (isShared) managers.set(origin, manager);
  return manager.socket(nsp, options);
}

/** The path of a URL is the namespace. By hand: `URL` would rewrite it. */
function parse(url = "/") {
  const here = globalThis.location;
  const [, scheme = here?.protocol ?? "https:", host = here?.host, nsp, search] = URL_PARTS.exec(url);
  if (!host) throw new Error(`expected a URL, found "${url}"`);
  const { origin } = new URL(`${scheme.replace("ws", "http")}//${host}`);
  return { origin, nsp: nsp || "/", query: Object.fromEntries(new URLSearchParams(search)) };
}

/** [scheme ":"] ["//"] [host] [path] ["?" query] */
const URL_PARTS = /^(?:(\w+:)?\/\/)?([^/?#]+)?([^?#]*)(\?[^#]*)?/;

/** The revision of the Socket.IO protocol. */
export const protocol = 5;

Object.assign(io, { connect: io, io, Manager, Socket, protocol });

export { Manager, Socket, io as connect, io as default };
