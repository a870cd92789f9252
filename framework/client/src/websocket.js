// Engine.IO over WebSocket: a frame is a message.
//
// Promise: frames leave in the order in which they were given, Blobs too: the browser keeps it.
// Refusal: nothing is said after `close`, not even by a connection that is still being made.

import { asReceived } from "./binary.js";

export function websocket(url, opts, hooks) {
  let socket;
  const transport = { name: "websocket", writable: false, open, send, close };
  return transport;

  function open() {
    const { WebSocket = globalThis.WebSocket, protocols = [], extraHeaders: headers } = opts;
    // Browsers take no headers, and ignore the last argument; `ws` in Node takes them.
    socket = new WebSocket(url("ws"), protocols, headers && { headers });
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      transport.writable = true;
      hooks.open?.();
    };
    socket.onmessage = ({ data }) => hooks.frame(typeof data === "string" ? data : asReceived(data));
    socket.onerror = (event) => {
      end("transport error", Object.assign(new Error(event.message || "websocket error"), { context: event }));
    };
    socket.onclose = (event) => end("transport close", event);
  }

  function send(frames) {
    transport.writable = false;
    for (const frame of frames) socket.send(frame);
    queueMicrotask(() => {
      if (!socket) return;
      transport.writable = true;
      hooks.drain?.();
    });
  }

  function close() {
    const old = socket;
    socket = undefined;
    transport.writable = false;
    if (!old) return;
    // It must not be left without a listener for errors: `ws` throws when it is closed before it is open.
    old.onopen = old.onmessage = old.onclose = old.onerror = () => {};
    old.close();
  }

  function end(reason, description) {
    close();
    hooks.end(reason, description);
  }
}
