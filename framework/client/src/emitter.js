// Listeners by the name of an event.
//
// Promise: listeners run in the order in which they were added; those added or removed meanwhile count from the next
// event on. One that throws stops nobody else, the connection least of all: its error surfaces as an uncaught one.
// Refusal: no wildcards, no return values.

export class Emitter {
  #listeners = new Map();

  on(event, listener) {
    this.#listeners.set(event, [...this.listeners(event), listener]);
    return this;
  }

  once(event, listener) {
    const once = (...args) => {
      this.off(event, once);
      listener.apply(this, args);
    };
    once.listener = listener;
    return this.on(event, once);
  }

  /** One listener of an event, all of an event, or all. */
  off(event, listener) {
    if (event === undefined) this.#listeners.clear();
    else if (!listener) this.#listeners.delete(event);
    else this.#listeners.set(event, without(this.listeners(event), listener));
    return this;
  }

  listeners(event) {
    return this.#listeners.get(event) ?? [];
  }

  /** Calls the listeners here. `emit` is left to those for whom it means sending. */
  fire(event, ...args) {
    callAll(this.listeners(event), this, args);
  }
}

/** The list without the first occurrence of the listener. A list is never changed: somebody may be walking it. */
function without(listeners, listener) {
  const at = listeners.findIndex((each) => each === listener || each.listener === listener);
  return listeners.filter((_, index) => index !== at);
}

export function callAll(listeners, self, args) {
  for (const listener of listeners) {
    try {
      listener.apply(self, args);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}

/** To the page's own events, where there is a page. */
export function onPage(event, listener) {
  globalThis.addEventListener?.(event, listener);
}
