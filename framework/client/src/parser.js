// Socket.IO packets (protocol revision 5) to frames and back: a text, and one frame for each binary value in it.
//
// Promise: `encode` throws where the value is handed over; what `Decoder` returns has the shape that its type demands.
// Refusal: everything else throws, and the connection ends with "parse error". The decoder never waits for more
// attachments than the text refers to, so a server cannot make it wait in vain.

import { isBinary } from "./binary.js";

export const CONNECT = 0;
export const DISCONNECT = 1;
export const EVENT = 2;
export const ACK = 3;
export const CONNECT_ERROR = 4;
const BINARY_EVENT = 5;
/** From an event or an acknowledgement to its binary kind. */
const TO_BINARY = BINARY_EVENT - EVENT;

/** Names that mean something on the client itself. */
export const RESERVED = new Set([
  "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
]);

export function encode({ type, nsp, id = "", data }) {
  const attachments = [];
  // Not its `value`: a Buffer has been through `toJSON` there.
  function detach(key, value) {
    if (!isBinary(this[key])) return value;
    return { _placeholder: true, num: attachments.push(this[key]) - 1 };
  }
  const json = JSON.stringify(data, type === EVENT || type === ACK ? detach : undefined) ?? "";
  const kind = attachments.length ? `${type + TO_BINARY}${attachments.length}-` : type;
  return [`${kind}${nsp === "/" ? "" : `${nsp},`}${id}${json}`, ...attachments];
}

export class Decoder {
  #packet;
  #missing = 0;
  #attachments = [];

  /** The packet that the frame completes, if it does. */
  add(frame) {
    const isText = typeof frame === "string";
    if (isText === this.#missing > 0) throw new Error(isText ? "expected an attachment, got text" : "unexpected attachment");
    if (isText) {
      [this.#packet, this.#missing] = decode(frame);
      this.#attachments = [];
    } else {
      this.#attachments.push(frame);
      this.#missing -= 1;
    }
    if (this.#missing) return undefined;
    const packet = this.#packet;
    if (this.#attachments.length) packet.data = attach(packet.data, this.#attachments);
    return packet;
  }
}

/** type, [count "-"], [namespace ","], [id], [JSON] */
const PACKET = /^([0-6])(?:(\d+)-)?(?:(\/[^,]*)(?:,|$))?(\d*)(.*)$/s;

/** The packet in a text, and how many attachments follow. */
function decode(text) {
  const [, kind, count, nsp = "/", id, json] = PACKET.exec(text) ?? fail("a packet");
  const isBinary = kind >= BINARY_EVENT;
  if (isBinary !== (count !== undefined)) fail("a count of attachments just in binary packets");
  const missing = Number(count ?? 0);
  if (missing > text.split('"_placeholder"').length - 1) fail("a placeholder for each attachment");
  const packet = {
    type: isBinary ? kind - TO_BINARY : Number(kind),
    nsp,
    id: id ? Number(id) : undefined,
    data: json ? JSON.parse(json) : undefined,
  };
  if (!hasShape[packet.type](packet.data)) fail(`other data in a packet of type ${kind}`);
  return [packet, missing];
}

const isObject = (data) => typeof data === "object" && data !== null && !Array.isArray(data);

const hasShape = {
  [CONNECT]: (data) => data === undefined || isObject(data),
  [DISCONNECT]: (data) => data === undefined,
  [EVENT]: (data) => Array.isArray(data) && ["string", "number"].includes(typeof data[0]) && !RESERVED.has(data[0]),
  [ACK]: (data) => Array.isArray(data),
  [CONNECT_ERROR]: (data) => typeof data === "string" || isObject(data),
};

/** Puts the attachments in their places. */
function attach(value, attachments) {
  if (typeof value !== "object" || value === null) return value;
  if (value._placeholder === true) return attachments[value.num] ?? fail("an attachment for each placeholder");
  for (const key of Object.keys(value)) value[key] = attach(value[key], attachments);
  return value;
}

function fail(expected) {
  throw new Error(`expected ${expected}`);
}
