// A bad network: a TCP proxy in front of a server, which cuts, swallows or delays.

import { once } from "node:events";
import net from "node:net";

export async function startProxy(target) {
  const links = new Set();
  const posts = [];
  let mode = "open";
  let delay = 0;
  let cutsNextAnswer = false;

  const server = net.createServer({ noDelay: true }, (near) => {
    if (mode === "unplugged") return reset(near);
    // Unread, it would never come to its end.
    if (mode === "finished") return near.on("error", () => {}).resume().end();
    const far = net.connect({ host: "127.0.0.1", port: target, noDelay: true });
    const link = { near, far };
    links.add(link);
    forward(near, far, (bytes) => {
      const [, size] = /^POST [^]*?\r\ncontent-length: (\d+)\r\n/i.exec(bytes.toString("latin1")) ?? [];
      if (size) posts.push(Number(size));
    });
    forward(far, near);
    for (const side of [near, far]) {
      const other = side === near ? far : near;
      side.on("error", () => {});
      side.on("close", () => {
        if (near.destroyed && far.destroyed) links.delete(link);
        // In a black hole the other side does not learn of it, nor behind an end that was reset alone.
        if (mode === "open" && !link.isAbandoned) late(() => other.end());
      });
    }
  });

  // Timers of one length fire in the order in which they were set.
  const late = (act) => (delay ? setTimeout(act, delay) : act());

  function forward(from, to, look) {
    from.on("data", (bytes) => {
      look?.(bytes);
      if (look === undefined && cutsNextAnswer) return halve(bytes, to);
      if (mode === "open") late(() => to.writable && to.write(bytes));
    });
  }

  /** Lets half of an answer through, and then ends everything. */
  function halve(bytes, to) {
    cutsNextAnswer = false;
    mode = "swallowing";
    to.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => {
      mode = "unplugged";
      for (const { near, far } of links) {
        near.end();
        reset(far);
      }
    });
  }

  // A socket that is shutting down cannot be reset any more: Node would keep its handle, and never end.
  const reset = (side) => (side.writableEnded ? side.destroy() : side.resetAndDestroy());

  const cut = () => {
    for (const { near, far } of links) {
      reset(near);
      reset(far);
    }
  };

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();

  return {
    url: `http://127.0.0.1:${port}`,
    /** The sizes of the POST requests that came by. */
    posts,
    /** Resets every connection, the new ones too, until `plugIn`. */
    unplug() {
      mode = "unplugged";
      cut();
    },
    /** Ends every connection in the orderly way, the new ones too, until `plugIn`. */
    finish() {
      mode = "finished";
      for (const { near, far } of links) {
        near.end();
        far.end();
      }
    },
    /** Resets the client's ends; the server's stay, and stay silent. */
    abandon() {
      mode = "unplugged";
      for (const link of links) {
        link.isAbandoned = true;
        reset(link.near);
      }
    },
    /** The next answer of the server breaks off in its middle, and everything with it, until `plugIn`. */
    cutNextAnswer() {
      cutsNextAnswer = true;
    },
    plugIn() {
      mode = "open";
    },
    /** From now on bytes vanish, and nobody is told. */
    swallow() {
      mode = "swallowing";
    },
    /** Each piece arrives `ms` late, in order; to be called once. */
    delay(ms) {
      delay = ms;
    },
    async stop() {
      mode = "unplugged";
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
