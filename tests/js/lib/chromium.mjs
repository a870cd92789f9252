// Where the browser is.

import { accessSync, constants } from "node:fs";
import path from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

function runs(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** `CHROMIUM`, or the first of the usual names in the `PATH`: as `tests/run` looks for it. */
export function findChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter(Boolean);
  const found = NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name))).find(runs);
  if (!found) throw new Error("Chromium is not in the PATH; set CHROMIUM to Chromium's or Chrome's program file");
  return found;
}
