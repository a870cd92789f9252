// What a scene needs, in Node and in a page alike: ways to wait for what a client hears, and to compare it.

/** A bound for waiting, so that a missing event is named; no test is decided by its length. */
const PATIENCE = 15_000;

/** The arguments of each of the next `count` events. */
export function heardTimes(emitter, event, count) {
  return new Promise((resolve, reject) => {
    const all = [];
    // Made here: its trace leads to the line that waits.
    const late = new Error(`"${event}" was not heard ${count} times`);
    const end = () => {
      clearTimeout(timer);
      emitter.off(event, take);
    };
    const timer = setTimeout(() => {
      end();
      late.message += `, but ${all.length}`;
      reject(late);
    }, PATIENCE);
    const take = (...args) => {
      all.push(args);
      if (all.length < count) return;
      end();
      resolve(all);
    };
    emitter.on(event, take);
  });
}

/** The arguments of the next `event`. */
export const heard = async (emitter, event) => (await heardTimes(emitter, event, 1))[0];

/** All that is heard from now on, and a way to wait for so many. */
export function gather(emitter, event) {
  const all = [];
  emitter.on(event, (...args) => all.push(args));
  const reached = async (count) => {
    if (all.length < count) await heardTimes(emitter, event, count - all.length);
  };
  return { all, reached };
}

/** A list, and a function that makes listeners which write into it. */
export function notebook() {
  const notes = [];
  const note = (name, look = (...args) => args) => (...args) => notes.push([name, ...look(...args)]);
  return { notes, note };
}

/** Which of the two it is depends on where the transport was, not on the client. */
export const abrupt = (reason) => (["transport close", "transport error"].includes(reason) ? "abrupt" : reason);

/** Waits until a client is on the transport that it ends with. */
export async function upgraded({ io }) {
  if (io.engine.transport.name === "polling" && io.opts.transports.length > 1) await heard(io.engine, "upgrade");
}

/** A value as text: bytes are of another kind in a page than in Node, and no server promises an order of keys. */
function shown(value) {
  if (value instanceof ArrayBuffer) return shown(new Uint8Array(value));
  if (ArrayBuffer.isView(value)) return `<${new Uint8Array(value.buffer, value.byteOffset, value.byteLength)}>`;
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined";
  const entries = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}: ${shown(value[key])}`);
  return `{${entries.join(", ")}}`;
}

/** Fails unless both say the same. What is long is shown from shortly before the difference on. */
export function same(actual, expected, what = "the value") {
  const [found, wanted] = [shown(actual), shown(expected)];
  if (found === wanted) return;
  const differs = [...wanted].findIndex((char, at) => char !== found[at]);
  const part = (text) => (text.length > 300 ? `… ${text.slice(Math.max(0, differs - 50), differs + 250)} …` : text);
  throw new Error(`${what}: expected ${part(wanted)}, found ${part(found)}`);
}
