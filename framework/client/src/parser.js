// Socket.IO packets (protocol revision 5) to frames and back: a text, and one frame for each binary value in it.
//
// Promise: `encode` throws where the value is handed over; what the decoder returns has the shape that its type demands.
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
export const RESERVED = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

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

/** A function that takes frame after frame, and returns the packet that one completes. */
export function decoder() {
  let packet, missing, attachments;
  return (frame) => {
    if (isBinary(frame) !== missing > 0) fail("attachments behind their text");
    if (missing) {
      attachments.push(frame);
    } else {
      packet = decode(frame);
      attachments = [];
    }
    missing = packet.attachments - attachments.length;
    if (missing) return undefined;
    if (attachments.length) packet.data = attach(packet.data, attachments);
    return packet;
  };
}

/** type, [count "-"], [namespace ","], [id], [JSON] */
const PACKET = /^([0-6])(?:(\d+)-)?(?:(\/[^,]*)(?:,|$))?(\d*)(.*)$/s;

function decode(text) {
  const [, kind, count, nsp = "/", id, json] = PACKET.exec(text) ?? fail("a packet");
  const isBinaryKind = kind >= BINARY_EVENT;
  const type = isBinaryKind ? kind - TO_BINARY : +kind;
  const attachments = +(count ?? 0);
  const data = json ? JSON.parse(json) : undefined;
  const placeholders = text.split('"_placeholder"').length - 1;
  if (isBinaryKind !== Boolean(count) || attachments > placeholders) fail("placeholders for all attachments");
  if (!hasShape[type](data)) fail(`other data in packet ${kind}`);
  return { type, nsp, id: id ? +id : undefined, data, attachments };
}

const isObject = (data) => typeof data === "object" && data !== null && !Array.isArray(data);

const isEvent = ([name]) => ["string", "number"].includes(typeof name) && !RESERVED.includes(name);

/** By type: CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR. */
const hasShape = [
  (data = {}) => isObject(data),
  (data) => data === undefined,
  (data) => Array.isArray(data) && isEvent(data),
  Array.isArray,
  (data) => typeof data === "string" || isObject(data),
];

/** Puts the attachments in their places. */
function attach(value, attachments) {
  if (typeof value !== "object" || value === null) return value;
  if (value._placeholder === true) {
    const found = attachments[value.num];
    return isBinary(found) ? found : fail("attachments for all placeholders");
  }
  for (const key of Object.keys(value)) value[key] = attach(value[key], attachments);
  return value;
}

function fail(expected) {
  throw new Error(`expected ${expected}`);
}
