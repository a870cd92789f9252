// Who is here, as the server's `presence_state` and `presence_diff` tell it. Knows neither page nor socket.

/** `Map` of names, in the order in which they came, to a `Map` of ids to tabs: `{ id, away, meta }`. */
export class People {
  #people = new Map();

  /** Everybody anew: `{ name: [tab, …] }`. */
  state(people) {
    this.#people.clear();
    this.#join(people);
  }

  /** A tab that has changed is in both, as it is and as it was. Gives the names of who came and who left. */
  diff({ joins, leaves }) {
    const before = new Set(this.#people.keys());
    const stay = new Set(Object.values(joins).flat().map(({ id }) => id));
    for (const [name, tabs] of Object.entries(leaves)) this.#leave(name, tabs.filter(({ id }) => !stay.has(id)));
    this.#join(joins);
    const came = Object.keys(joins).filter((name) => !before.has(name));
    const left = Object.keys(leaves).filter((name) => before.has(name) && !this.#people.has(name));
    return { came, left };
  }

  clear() {
    this.#people.clear();
  }

  /** `[name, [tab, …]]` of each. */
  list() {
    return [...this.#people].map(([name, tabs]) => [name, [...tabs.values()]]);
  }

  #join(people) {
    for (const [name, tabs] of Object.entries(people)) {
      const here = this.#people.get(name) ?? new Map();
      this.#people.set(name, here);
      for (const tab of tabs) here.set(tab.id, tab);
    }
  }

  #leave(name, tabs) {
    const here = this.#people.get(name);
    for (const { id } of tabs) here?.delete(id);
    if (here?.size === 0) this.#people.delete(name);
  }
}
