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
      banner: { js: "/*! The Socket.IO client of Greenroom, MIT OR Apache-2.0 */" },
      sourcemap: true,
      write: false,
      ...options,
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
