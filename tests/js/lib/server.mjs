// One server, as a process of its own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import path from "node:path";
import readline from "node:readline";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const binaries = path.resolve(process.env.GREENROOM_BIN_DIR ?? path.join(here, "../../../target/debug"));
const client = process.env.SOCKET_IO_CLIENT_DIST ?? path.join(here, "../node_modules/socket.io-client/dist");

const READY = /^(?:listening on |open http:\/\/)(?:127\.0\.0\.1|localhost):\d+\/?$/;

/** A port that nobody has at this moment. */
export async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/**
 * Starts the program `name` and waits until it says that it listens. With `node`: Node's socket.io doing the same, or the script that it names.
 *
 * Without a `port` it takes a free one. Somebody else may be quicker, so a failed start is tried again, with another port.
 */
export async function startServer(name, { port, node = false, env = {} } = {}) {
  for (let triesLeft = 2; ; triesLeft -= 1) {
    try {
      return await start(name, port ?? (await freePort()), node, env);
    } catch (error) {
      if (port || triesLeft === 0 || error.code === "ENOENT") throw error;
    }
  }
}

async function start(name, port, node, env) {
  const script = node === true ? path.join(here, "../servers", `${name}.mjs`) : node;
  const program = script ? [process.execPath, script] : [path.join(binaries, name)];
  const child = spawn(program[0], program.slice(1), {
    env: { RUST_LOG: "warn", ...process.env, SOCKET_IO_CLIENT_DIST: client, ...env, PORT: String(port) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  let log = "";
  const output = [];
  const watchers = new Set();
  child.stderr.setEncoding("utf8").on("data", (text) => (log += text));
  const ended = new Promise((resolve, reject) => {
    child.once("error", (error) => {
      const hint = `${error.message}; build the servers with \`cargo build --workspace --bins\``;
      reject(Object.assign(new Error(hint), { code: error.code }));
    });
    child.once("close", (code, signal) => {
      process.off("exit", kill);
      resolve(code ?? signal);
    });
  });
  const ready = new Promise((resolve) => {
    readline.createInterface({ input: child.stdout }).on("line", (line) => {
      output.push(line);
      if (READY.test(line)) resolve();
      for (const watcher of watchers) watcher();
    });
  });
  const early = ended.then((code) => {
    throw new Error(`${name} ended with ${code} before it listened:\n${log}`);
  });
  early.catch(() => {});
  await Promise.race([ready, early]);

  return {
    port,
    url: `http://127.0.0.1:${port}`,
    /** What it has written to standard error. */
    log: () => log,
    /** The lines that it has printed. */
    output: () => output,
    /** Until it has printed the line so often. */
    printed(line, times = 1) {
      return new Promise((resolve) => {
        const watcher = () => {
          if (output.filter((printed) => printed === line).length < times) return;
          watchers.delete(watcher);
          resolve();
        };
        watchers.add(watcher);
        watcher();
      });
    },
    /** Asks it to end; its exit code, or the signal that ended it. */
    stop() {
      child.kill("SIGTERM");
      return ended;
    },
  };
}
