// The types of Greenroom's own client, checked by the TypeScript compiler.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const here = fileURLToPath(new URL(".", import.meta.url));

for (const module of ["nodenext", "preserve"]) {
  test(`the types allow what they shall and refuse the rest (module ${module})`, async () => {
    const flags = ["--noEmit", "--strict", "--noUnusedLocals", "--exactOptionalPropertyTypes", "--target", "es2022", "--lib", "es2022,dom"];
    const checked = promisify(execFile)(process.execPath, [tsc, ...flags, "--module", module, "types/client.ts"], { cwd: here });
    await checked.catch((error) => assert.fail(error.stdout));
  });
}
