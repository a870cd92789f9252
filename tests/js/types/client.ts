// What the types of Greenroom's client allow and what they refuse. Compiled by client-types.test.mjs, never run.

import standard, { io, Manager, type Socket } from "../../../framework/client/index.js";

interface Heard {
  said: (who: string, text: string) => void;
  question: (value: number, answer: (text: string) => void) => void;
}

interface Sent {
  say: (text: string, ack: (count: number) => void) => void;
  typing: () => void;
  bytes: (data: ArrayBuffer | Uint8Array | Blob) => void;
}

const socket: Socket<Heard, Sent> = io("http://localhost:3000", {
  reconnection: true,
  reconnectionAttempts: 5,
  connectionStateRecovery: { storage: "local", auth: true, maxAge: 60_000 },
});

socket.auth = { token: "secret" };
socket.auth = (answer) => answer({ token: "secret" });
socket.on("said", (who, text) => console.log(who.length + text.length));
socket.on("question", (value, answer) => answer(value.toFixed(1)));
socket.on("connect", () => console.log(socket.id?.length, socket.recovered, socket.active));
socket.on("connect_error", (error) => console.log(error.message, error.data));
socket.on("disconnect", (reason) => console.log(reason === "io server disconnect"));
socket.on("reconnect_attempt", (attempt) => console.log(attempt.toFixed()));
socket.io.on("reconnect_failed", () => {});
socket.io.engine.on("upgrade", () => {});
socket.emit("say", "hello", (count) => console.log(count.toFixed()));
socket.timeout(500).emit("say", "hello", (error, count) => console.log(error.message, count.toFixed()));
socket.volatile.emit("typing");
socket.emit("bytes", new Uint8Array(1));
socket.connect().disconnect().off("said").onAny((event) => console.log(event.length)).close();

export async function answers() {
  const count: number = await socket.emitWithAck("say", "hello");
  const timed: number = await socket.timeout(500).emitWithAck("say", "hello");
  return count + timed;
}

// @ts-expect-error an event that is not in the map
socket.emit("shout", "hello");
// @ts-expect-error an argument of another type
socket.emit("say", 1, () => {});
// @ts-expect-error an argument that is missing
socket.emit("say");
// @ts-expect-error one argument too many
socket.emit("typing", 1);
// @ts-expect-error a listener for something that is not heard
socket.on("say", () => {});
// @ts-expect-error a listener that expects another type
socket.on("said", (who: number) => console.log(who));
// @ts-expect-error an acknowledgement with another type
socket.emit("say", "hello", (count: string) => console.log(count));
// @ts-expect-error what cannot be written
socket.connected = true;
// @ts-expect-error an option that there is not
io("http://localhost:3000", { retries: 3 });
// @ts-expect-error a storage that there is not
io({ connectionStateRecovery: { storage: "cookie" } });
// @ts-expect-error a transport that there is not
new Manager("http://localhost:3000", { transports: ["webtransport"] });
// @ts-expect-error the answer is a number
export const wrong = async (): Promise<string> => await socket.emitWithAck("say", "hello");

// Without maps everything goes.
const loose = standard("/admin");
loose.on("anything", (a, b) => console.log(a, b));
loose.emit("anything", 1, "two", () => {});
export const whatever = async () => (await loose.emitWithAck("anything", 1)).anything;
