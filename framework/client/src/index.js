// The entrance: `io(url, options)` finds the connection to a server, or makes one, and gives the socket of a namespace.
//
// Promise: sockets of several namespaces of a server share one connection, as with the official client; the same
// namespace twice, `forceNew` or `multiplex: false` make a new one.

import { Manager } from "./manager.js";
import { Socket } from "./socket.js";

const managers = new Map();

export function io(url, opts) {
  if (typeof url === "object") [url, opts] = [undefined, url];
  const { origin, nsp, query } = parse(url);
  const { forceNew = false, multiplex = true } = opts ?? {};
  const options = { ...opts, query: opts?.query ?? query };
  const shared = managers.get(origin);
  if (forceNew || !multiplex || shared?.has(nsp)) return new Manager(origin, options).socket(nsp);
  const manager = shared ?? new Manager(origin, options);
  managers.set(origin, manager);
  return manager.socket(nsp, options);
}

/** The path of a URL is the namespace. By hand: `URL` would rewrite it. */
function parse(url = "/") {
  const here = globalThis.location;
  const [, start = "", path, search] = /^(\w+:\/\/[^/?#]+|\/\/[^/?#]+|[^/?#]+)?([^?#]*)(\?[^#]*)?/.exec(url);
  if (!start && !here) throw new Error(`expected the URL of a server, found "${url}"`);
  const scheme = here?.protocol ?? "https:";
  const full = start.includes("://") ? start : start ? `${scheme}//${start.replace(/^\/\//, "")}` : here.origin;
  const { origin } = new URL(full.replace(/^ws/, "http"));
  return { origin, nsp: path || "/", query: Object.fromEntries(new URLSearchParams(search)) };
}

/** The revision of the Socket.IO protocol. */
export const protocol = 5;

Object.assign(io, { connect: io, io, Manager, Socket, protocol });

export { Manager, Socket, io as connect, io as default };
