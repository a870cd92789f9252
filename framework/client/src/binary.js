// Bytes: what counts as such, how polling writes them, and as what they are handed to listeners.
//
// Promise: an `ArrayBuffer`, any view of one (a Node `Buffer` too) and a `Blob` can be sent. What is received is an
// `ArrayBuffer` in a browser and a `Buffer` in Node, as with the official client.

const inNode = Boolean(globalThis.process?.versions?.node);

export const isBinary = (value) =>
  value instanceof ArrayBuffer || ArrayBuffer.isView(value) || value instanceof Blob;

export const asReceived = (bytes) => (inNode ? Buffer.from(bytes) : bytes);

/** The bytes that a text takes in UTF-8, or that binary data has. */
export const byteLength = (data) => new Blob([data]).size;

export async function toBase64(data) {
  const bytes = new Uint8Array(await new Blob([data]).arrayBuffer());
  // In pieces, since arguments are put on the stack.
  const piece = 0x8000;
  let text = "";
  for (let at = 0; at < bytes.length; at += piece) text += String.fromCharCode(...bytes.subarray(at, at + piece));
  return btoa(text);
}

export function fromBase64(text) {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0)).buffer;
}
