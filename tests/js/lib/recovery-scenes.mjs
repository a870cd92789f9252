// What becomes of a session whose connection is lost, scene by scene: each says what must come of it, whoever the two are.
//
// The server is `recovery` (tests/servers/src/bin/recovery.rs, servers/recovery.mjs): it keeps sessions for three seconds and
// has a heartbeat of half a second. Scenes of one server are played at the same time, so each has an event of its own.
// Where a scene is known to fail on one of the servers, `losses` says why; then it must fail, and in that way.

import { gather, heard, heardTimes, same, upgraded } from "./scene.mjs";

/** Those of the part that is being written down; each part is taken out at its end. */
const scenes = [];
const scene = (name, play, options) => scenes.push({ name, play, ...options });

const bytes = (...values) => Uint8Array.from(values);
const message = (error) => error.message;
/** How long the server keeps a session. */
const KEPT = 3000;
const pass = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A client in a room of its own behind a network that may fail, and what the test needs to see and do. `first`: whether it has heard an event. */
async function enter(stage, { at = "", first = true, ...options } = {}) {
  const network = await stage.network();
  const [room, event] = [crypto.randomUUID(), `news ${crypto.randomUUID()}`];
  const one = stage.socket({ at, from: network.url, timeout: 500, ...options });
  const pids = watchPids(one);
  const news = gather(one, event);
  const connect = heard(one, "connect");
  one.connect();
  await connect;
  await upgraded(one);
  await one.emitWithAck("join", room);
  await one.emitWithAck("set-data", { kept: [1, null] });
  const tell = (to, ...args) => stage.steer("send", { nsp: one.nsp, to, event, args, volatile: false });
  let offset;
  if (first) {
    await tell(room, "first");
    await news.reached(1);
    const all = news.all.splice(0);
    same(withoutOffset(all), [["first"]]);
    offset = all[0].at(-1);
  }
  const before = await one.emitWithAck("whoami", null);
  const isThere = async () => (await stage.steer("sockets", one.nsp)).includes(before.sid);
  /** The server has noticed the loss; or the client is back already, and it must have. */
  const noticed = async () => {
    while (!one.connected && (await isThere())) await pass(10);
  };
  same(await isThere(), true, "whether the server knows the client");
  return { one, network, room, event, news, tell, before, isThere, noticed, pids, offset };
}

/** The private ids that the server gives, as they come. */
function watchPids(one) {
  const pids = [];
  one.io.on("open", () => {
    one.io.engine.on("message", (frame) => {
      if (String(frame).startsWith("0")) pids.push(JSON.parse(frame.slice(frame.indexOf("{"))).pid);
    });
  });
  return pids;
}

/** What comes with each event is its offset: a text, last. */
function withoutOffset(all) {
  return all.map((args) => {
    same(typeof args.at(-1), "string", "the kind of an offset");
    return args.slice(0, -1);
  });
}

/**
 * The network fails; until the client and the server have noticed.
 *
 * Before, the server is asked something: meanwhile a client that polls has asked again. Of a loss between two polls the
 * server would hear by its heartbeat alone.
 */
async function lose({ one, network, isThere, noticed }) {
  await isThere();
  const gone = heard(one, "disconnect");
  await network.unplug();
  await gone;
  await noticed();
}

/** The network is well again, and the client back. */
async function comeBack({ one, network }) {
  const back = heard(one, "connect");
  await network.plugIn();
  await back;
}

/** Everything that the server has sent before this has arrived. */
const settled = ({ one }) => one.emitWithAck("whoami", null);

async function sameSession({ one, before }) {
  const after = await one.emitWithAck("whoami", null);
  same([one.recovered, one.id === before.sid], [true, true], "recovered, with the same id");
  // `mw`, too: the middleware did not run again.
  same(after, { ...before, recovered: true }, "what the server knows of it");
}

async function newSession({ one, before, news }) {
  const after = await one.emitWithAck("whoami", null);
  same([Boolean(one.recovered), one.id === before.sid], [false, false], "recovered, with the same id");
  same(after, { sid: one.id, recovered: false, rooms: [one.id], value: null, mw: 1 }, "what the server knows of it");
  same(news.all, [], "what it had missed");
}

const inRoom = ({ one, room, before }) => same(before, { sid: one.id, recovered: false, rooms: [one.id, room].sort(), value: { kept: [1, null] }, mw: 1 });

// ---------------------------------------------------------------- how the connection is lost

const NEEDS_NOTICE = "a session can be recovered only once the server has noticed its loss";

/** `fail`: until the client has noticed. `plugsIn`: the network is well again before the server can know. */
const LOSSES = {
  // Not at once back: what is sent in between shall be missed.
  "its engine is closed": { fail: (_, one) => one.io.engine.close(), options: { reconnectionDelay: 300, reconnectionDelayMax: 300, randomizationFactor: 0 } },
  "a reset (RST)": { fail: (network) => network.unplug(), namespaces: ["", "/second"] },
  "an orderly end (FIN)": { fail: (network) => network.finish() },
  "an answer that breaks off in its middle": {
    async fail(network, one) {
      await network.cutNextAnswer();
      one.emit("echo", "x".repeat(10_000));
    },
    waits: true,
  },
  "a freeze that both notice by their heartbeat": { fail: (network) => network.swallow(), reason: "ping timeout", waits: true },
};

for (const [name, { fail, reason, namespaces = [""], options, waits }] of Object.entries(LOSSES)) {
  for (const at of namespaces) {
    scene(`${name}${at && `, in ${at}`}: the session comes back with what it missed, once and in order`, async (stage) => {
      let asked = 0;
      const auth = (answer) => answer({ token: "mine", asked: (asked += 1) });
      const scene = await enter(stage, { at, auth, ...options });
      const { one, network, room, news, tell, before, noticed } = scene;
      inRoom(scene);
      const gone = heard(one, "disconnect");
      await fail(network, one);
      const [told] = await gone;
      if (reason) same(told, reason, "the reason");
      await noticed();
      await tell(before.sid, 1);
      await tell("another room", "for others");
      await tell(room, bytes(2), { three: [bytes(), "text"] });
      // Those who play beside it hear this too, and have no ear for it.
      await tell(at === "" ? null : room, "for all");
      await comeBack(scene);
      await tell(room, "live");
      await news.reached(4);
      await sameSession(scene);
      same(withoutOffset(news.all), [[1], [bytes(2), { three: [bytes(), "text"] }], ["for all"], ["live"]]);
      same(new Set(news.all.map((args) => args.at(-1))).size, 4, "the number of offsets");
      same(asked >= 2, true, "its auth function was asked again");
    }, { waits });
  }
}

scene("half-open: a client that is back before the server has noticed takes its session over", async (stage) => {
  const scene = await enter(stage);
  const { one, network, room, news, tell } = scene;
  const back = heard(one, "connect");
  if (stage.mode === "polling") {
    // It says by another connection that it goes. Again and again, since a single reset may fall between two polls.
    while (one.connected) {
      await network.abandon();
      await network.plugIn();
      await scene.isThere();
    }
    await tell(room, 1);
    await tell(room, bytes(2));
  } else {
    const gone = heard(one, "disconnect");
    await network.abandon();
    await gone;
    await tell(room, 1);
    await tell(room, bytes(2));
    await network.plugIn();
  }
  await back;
  await sameSession(scene);
  await tell(room, "live");
  await news.reached(3);
  await settled(scene);
  same(withoutOffset(news.all), [[1], [bytes(2)], ["live"]]);
}, { losses: { server: "Node", modes: ["websocket", "upgrade"], because: NEEDS_NOTICE, with: /recovered, with the same id/ } });

// ---------------------------------------------------------------- how often, and from where

scene("five losses in a row: each time it goes on from where it was", async (stage) => {
  const scene = await enter(stage);
  const { room, news, tell } = scene;
  const losses = [...Array(5).keys()];
  for (const loss of losses) {
    await lose(scene);
    await tell(room, loss);
    await comeBack(scene);
    await news.reached(loss + 1);
    await sameSession(scene);
  }
  same(withoutOffset(news.all), losses.map((loss) => [loss]));
});

scene("two namespaces of one connection come back, each with what it missed", async (stage) => {
  const scene = await enter(stage);
  const { one, room, event, news, tell } = scene;
  const other = stage.beside(one, "/second");
  const others = gather(other, event);
  const [there, heardIt] = [heard(other, "connect"), heard(other, event)];
  other.connect();
  await there;
  await other.emitWithAck("join", room);
  const tellOther = (...args) => stage.steer("send", { nsp: "/second", to: room, event, args, volatile: false });
  await tellOther("first");
  await heardIt;
  const { id } = other;
  await lose(scene);
  while ((await stage.steer("sockets", "/second")).includes(id)) await pass(10);
  await tell(room, "for the main one");
  await tellOther("for the second");
  const back = heard(other, "connect");
  await comeBack(scene);
  await back;
  await Promise.all([news.reached(1), others.reached(2)]);
  await sameSession(scene);
  same([other.recovered, other.id === id, (await other.emitWithAck("whoami", null)).rooms], [true, true, [id, room].sort()]);
  same([withoutOffset(news.all), withoutOffset(others.all)], [[["for the main one"]], [["first"], ["for the second"]]]);
});

scene("what it asked when the network went fails, and what it asks afterwards is answered", async (stage) => {
  const scene = await enter(stage);
  const { one, network } = scene;
  const gone = heard(one, "disconnect");
  await network.swallow();
  const asked = one.emitWithAck("whoami", null).then(() => "answered", message);
  await network.unplug();
  await gone;
  same(await asked, "socket has been disconnected");
  const later = one.emitWithAck("whoami", null);
  await scene.noticed();
  await comeBack(scene);
  same((await later).recovered, true);
});

scene("back in the nick of time", async (stage) => {
  const scene = await enter(stage);
  const { room, news, tell } = scene;
  await lose(scene);
  await tell(room, "missed");
  await pass(KEPT * 0.6);
  await comeBack(scene);
  await news.reached(1);
  await sameSession(scene);
  same(withoutOffset(news.all), [["missed"]]);
}, { waits: true });

scene("a session that was quiet for longer than one is kept comes back", async (stage) => {
  const scene = await enter(stage);
  const { one, room, news, tell } = scene;
  await heardTimes(one.io, "ping", 8);
  await lose(scene);
  await tell(room, "missed");
  await comeBack(scene);
  await news.reached(1);
  await sameSession(scene);
}, { waits: true });

// ---------------------------------------------------------------- what has no way back

scene("a client that comes too late starts afresh", async (stage) => {
  const scene = await enter(stage);
  await lose(scene);
  await scene.tell(scene.room, "missed");
  await pass(KEPT * 1.2);
  await comeBack(scene);
  await newSession(scene);
}, { waits: true });

scene("a client that left starts afresh", async (stage) => {
  const scene = await enter(stage);
  const { one, room, tell, isThere } = scene;
  one.disconnect();
  while (await isThere()) await pass(10);
  await tell(room, "missed");
  const connect = heard(one, "connect");
  one.connect();
  await connect;
  await newSession(scene);
});

scene("a client that the server sent away starts afresh", async (stage) => {
  const scene = await enter(stage);
  const { one, room, tell } = scene;
  const gone = heard(one, "disconnect");
  one.emit("kick", null);
  same((await gone)[0], "io server disconnect");
  await tell(room, "missed");
  const connect = heard(one, "connect");
  one.connect();
  await connect;
  await newSession(scene);
});

scene("a private id that the server never gave is good for nothing, and the client works", async (stage) => {
  const scene = await enter(stage, { auth: { pid: "wrong" } });
  const { one, news, tell } = scene;
  await lose(scene);
  await tell(scene.room, "missed");
  await comeBack(scene);
  await newSession(scene);
  await tell(one.id, "live");
  await news.reached(1);
  same(withoutOffset(news.all), [["live"]]);
});

scene("a session has one owner: who shows its private id beside it gets another one", async (stage) => {
  const scene = await enter(stage);
  const { one, event, room, news, tell, pids } = scene;
  await lose(scene);
  await tell(room, "missed");
  await comeBack(scene);
  await news.reached(1);
  const thief = stage.socket({ auth: { pid: pids.at(-1), offset: news.all[0].at(-1) } });
  const stolen = gather(thief, event);
  const connect = heard(thief, "connect");
  thief.connect();
  await connect;
  same([thief.id === one.id, Boolean(thief.recovered)], [false, false], "the thief's spoils");
  await tell(room, "live");
  await news.reached(2);
  await settled({ one: thief });
  await sameSession(scene);
  same([withoutOffset(news.all), stolen.all], [[["missed"], ["live"]], []]);
}, { losses: { server: "Node", because: "a session that was recovered stays in store, and is given to the next one, too", with: /the thief's spoils/ } });

scene("a private id that is shown beside its owner, who was never away, is good for nothing", async (stage) => {
  const scene = await enter(stage);
  const { event, room, news, tell, offset, pids } = scene;
  const thief = stage.socket({ auth: { pid: pids.at(-1), offset } });
  const stolen = gather(thief, event);
  const connect = heard(thief, "connect");
  thief.connect();
  await connect;
  await tell(room, "live");
  await news.reached(1);
  await settled({ one: thief });
  same([thief.id === scene.before.sid, Boolean(thief.recovered), stolen.all], [false, false, []], "the thief's spoils");
  same(withoutOffset(news.all), [["live"]]);
});

// ---------------------------------------------------------------- what a client has to show

scene("a session that has heard no event comes back", async (stage) => {
  // Here, since in `/` others tell everybody something.
  const scene = await enter(stage, { at: "/second", first: false });
  const { room, news, tell } = scene;
  await lose(scene);
  await tell(room, "missed");
  await comeBack(scene);
  await sameSession(scene);
  await news.reached(1);
  same(withoutOffset(news.all), [["missed"]]);
}, { losses: { server: "Node", because: "without an event the client has no offset to show", with: /recovered, with the same id/ } });

scene("a volatile event that ends in a text does not lose the place", async (stage) => {
  const scene = await enter(stage, { at: "/second" });
  const { one, room, news, tell } = scene;
  const flown = gather(one, "volatile");
  // Between two polls it is dropped.
  while (flown.all.length === 0) await stage.steer("send", { nsp: one.nsp, to: room, event: "volatile", args: ["a text"], volatile: true });
  await lose(scene);
  await tell(room, "missed");
  await comeBack(scene);
  await sameSession(scene);
  await news.reached(1);
  same(withoutOffset(news.all), [["missed"]]);
}, { losses: { server: "Node", because: "a client takes an event's last text for the offset, and a volatile event has none", with: /recovered, with the same id/ } });

export const RECOVERY = scenes.splice(0);

// ---------------------------------------------------------------- in the middle of a stream

/** How many resets a stream goes through. By polling each may take the server a heartbeat to notice: `CUTS=50` makes it fifty there, too. */
const { CUTS } = globalThis.process?.env ?? {};
const resetsOver = (mode) => Number(CUTS ?? (mode === "polling" ? 10 : 50));
/** More than a reset, what goes on in between, and the way back take. */
const PER_RESET = 2500;

const upTo = (last) => Array.from({ length: last }, (_, n) => n + 1);

/** A server has one stream at a time, so these scenes are played one by one on each. */
async function inStream(stage, rate, play) {
  const scene = await enter(stage);
  const event = `tick ${crypto.randomUUID()}`;
  const ticks = gather(scene.one, event);
  await stage.steer("stream", { nsp: "/", room: scene.room, event, rate });
  await play(scene, ticks);
  const sent = await stage.steer("stop", null);
  await settled(scene);
  same(withoutOffset(ticks.all).flat(), upTo(sent), "the stream");
  return scene;
}

/** So often a reset, each when something has come since the last one. */
async function loseAgainAndAgain(scene, ticks, times) {
  for (let n = 0; n < times; n += 1) {
    await ticks.reached(ticks.all.length + 20);
    await lose(scene);
    await comeBack(scene);
    same([scene.one.recovered, scene.one.id], [true, scene.before.sid], "recovered, with the same id");
  }
}

scene("a thousand messages a second, resets and a freeze: none lost, none twice", async (stage) => {
  await inStream(stage, 1000, async (scene, ticks) => {
    await loseAgainAndAgain(scene, ticks, resetsOver(stage.mode));
    const { one, network, noticed } = scene;
    const gone = heard(one, "disconnect");
    await network.swallow();
    same((await gone)[0], "ping timeout");
    await noticed();
    await comeBack(scene);
    await ticks.reached(ticks.all.length + 20);
    await sameSession(scene);
  });
}, { lasts: (CUTS ?? 50) * PER_RESET });

scene("a thousand messages a second, and a client that is back before the server has noticed: none lost, none twice", async (stage) => {
  await inStream(stage, 1000, async (scene, ticks) => {
    const { one, network } = scene;
    await ticks.reached(20);
    const gone = heard(one, "disconnect");
    await network.abandon();
    await gone;
    await comeBack(scene);
    await sameSession(scene);
  });
}, { modes: ["websocket"], losses: { server: "Node", because: NEEDS_NOTICE, with: /recovered, with the same id/ } });

scene("what was missed may be more than may wait for a client", async (stage) => {
  const scene = await enter(stage);
  const { room, event, news } = scene;
  const watcher = stage.socket();
  const seen = gather(watcher, event);
  watcher.connect();
  await watcher.emitWithAck("join", room);
  await lose(scene);
  // More than an outbox holds, and less than is kept.
  await stage.steer("stream", { nsp: "/", room, event, rate: 5000 });
  await seen.reached(5000);
  const sent = await stage.steer("stop", null);
  await comeBack(scene);
  await sameSession(scene);
  same(withoutOffset(news.all).flat(), upTo(sent), "the stream");
}, { modes: ["websocket"] });

export const STREAMS = scenes.splice(0);

// ---------------------------------------------------------------- with middlewares that run on recovery, too

scene("a thousand messages a second, and middlewares that take their time: what is sent meanwhile is not lost", async (stage) => {
  const resets = 3;
  const { one } = await inStream(stage, 1000, (scene, ticks) => loseAgainAndAgain(scene, ticks, resets));
  same((await one.emitWithAck("whoami", null)).mw, 1 + resets, "how often the middleware ran");
}, { modes: ["websocket"], losses: { server: "Node", because: "missed packets are collected before the middlewares run, and live ones come only after them", with: /^the stream/ } });

export const WITH_MIDDLEWARES = scenes.splice(0);

/** What the contract names beyond these. */
export const NOT_PLAYED = [
  "quiet for more than a minute, then lost. Node has purged the packet that the client's offset names, and does not recover it; here the quiet lasts four seconds",
  "events that want an acknowledgement, sent while the client is away: the protocol promises nothing",
];
