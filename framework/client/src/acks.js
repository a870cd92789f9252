// Acknowledgements that a socket waits for.
//
// Promise: each is called once at most: with the answer, or, if it takes an error, with the reason why none will come.
// Refusal: a late or repeated answer, and one that nobody asked for, is ignored.

import { callAll } from "./emitter.js";

export function openAcks(self) {
  const waiting = new Map();
  const acks = { next: 0, expect, settle, failExcept };
  return acks;

  /** The number for the event. `timedOut` is told it when the time is over. */
  function expect(ack, takesError, timeout, timedOut) {
    const id = acks.next++;
    const isTimed = timeout !== undefined;
    const giveUp = () => {
      timedOut(id);
      settle(id, new Error("operation has timed out"));
    };
    waiting.set(id, { ack, takesError: takesError || isTimed, timer: isTimed && setTimeout(giveUp, timeout) });
    return id;
  }

  function settle(id, error, args = []) {
    const { ack, takesError, timer } = waiting.get(id) ?? {};
    waiting.delete(id);
    clearTimeout(timer);
    if (ack && (takesError || !error)) callAll([ack], self, takesError ? [error, ...args] : args);
  }

  /** The events of the others have been sent, and the connection has gone. */
  function failExcept(unsent) {
    for (const id of waiting.keys()) if (!unsent.includes(id)) settle(id, new Error("socket has been disconnected"));
  }
}
