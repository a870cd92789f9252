// Bundles framework/client/src for browsers. `npm run client` writes the files; client-bundle.test.mjs compares them.

import { writeFile } from "node:fs/promises";
import path from "node:path";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

export const folder = fileURLToPath(new URL("../../framework/client", import.meta.url));

const BUNDLES = {
  "greenroom-client.js": { entry: "global.js", format: "iife" },
  "greenroom-client.min.js": { entry: "global.js", format: "iife", minify: true },
  "greenroom-client.esm.min.js": { entry: "index.js", format: "esm", minify: true },
};

/** Property names that only the client's own modules use: the minified files need not spell them out. */
const INTERNAL = [
  "fire", "write", "reject", "isWritable", "isExpired", "isOpen", "left", "serves", "leave", "drain", "frame", "frames",
  "expect", "settle", "failExcept", "takesError", "timer", "next", "proof", "begin", "processed", "claim", "attachments", "pause", "end",
  "enter", "receive", "closed",
];

/** Each file with its map: name to text. */
export async function bundles() {
  const all = {};
  for (const [name, { entry, ...options }] of Object.entries(BUNDLES)) {
    const { outputFiles } = await build({
      absWorkingDir: folder,
      entryPoints: [`src/${entry}`],
      outfile: name,
      bundle: true,
      target: "es2022",
      legalComments: "none",
      // Without a comment that names it: the server hands the files out under other names, and says so in a header.
      sourcemap: "external",
      write: false,
      ...options,
      mangleProps: options.minify && new RegExp(`^(${INTERNAL.join("|")})$`),
    });
    for (const { path: file, text } of outputFiles) all[path.basename(file)] = text;
  }
  return all;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, text] of Object.entries(await bundles())) {
    await writeFile(path.join(folder, name), text);
    console.log(`${String(Buffer.byteLength(text)).padStart(7)}  ${name}`);
  }
}
