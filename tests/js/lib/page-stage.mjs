// In a page: where a scene is played, with the client that the server itself has handed out. See stage.mjs.
//
// Everything goes through the network that may fail, the page itself too. What fails it, and what steers the server, are
// functions of the test outside, `failNetwork` and `steerServer`.

import { heard, upgraded } from "./scene.mjs";

const TRANSPORTS = { polling: ["polling"], websocket: ["websocket"], upgrade: ["polling", "websocket"] };
const FAILURES = ["unplug", "finish", "abandon", "cutNextAnswer", "swallow", "plugIn"];

/** Bytes do not leave the page as such. */
const packed = (key, value) => (value instanceof Uint8Array ? { bytes: [...value] } : value);

function openStage(mode, left) {
  const url = location.origin;
  const leaves = (socket) => {
    left.push(() => socket.disconnect());
    return socket;
  };
  const socket = ({ at = "", from = url, mode: own = mode, ...options } = {}) =>
    leaves(io(from + at, { forceNew: true, autoConnect: false, reconnectionDelay: 20, reconnectionDelayMax: 100, transports: TRANSPORTS[own], ...options }));
  const beside = (one, nsp, options) => leaves(one.io.socket(nsp, options));
  const join = async (options) => {
    const one = socket(options);
    const welcome = heard(one, "welcome");
    one.connect();
    await welcome;
    await upgraded(one);
    return one;
  };
  const network = async () => ({ url, ...Object.fromEntries(FAILURES.map((how) => [how, () => failNetwork(how)])) });
  const steer = (event, what) => steerServer(event, JSON.stringify(what, packed));
  return { mode, url, socket, beside, join, network, steer };
}

/** Leaves the page as it was. */
export async function playIn(scenes, name, mode) {
  const left = [];
  try {
    await scenes.find((scene) => scene.name === name).play(openStage(mode, left));
  } finally {
    for (const leave of left) leave();
    await failNetwork("plugIn");
  }
}
