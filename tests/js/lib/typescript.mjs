// The TypeScript compiler, on a project of one of the examples.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";

import ts from "typescript";

/**
 * The project, with some of its files changed: what the compiler has to say about it, and what it writes.
 *
 * `paths` is where packages are that the project has of its own when a person has copied it out.
 */
export function compile(config, { changed = {}, paths } = {}) {
  const { config: json } = ts.readConfigFile(config, ts.sys.readFile);
  const { options, fileNames } = ts.parseJsonConfigFileContent(json, ts.sys, path.dirname(config));
  assert.notEqual(fileNames.length, 0);
  if (paths) Object.assign(options, { paths });
  const host = ts.createCompilerHost(options);
  const read = host.readFile;
  host.readFile = (name) => changed[name] ?? read(name);
  host.getSourceFile = (name, version) => {
    const text = host.readFile(name);
    return text === undefined ? undefined : ts.createSourceFile(name, text, version, true);
  };
  const program = ts.createProgram(fileNames, options, host);
  const mistakes = ts.getPreEmitDiagnostics(program).map((found) => {
    const line = found.file?.getLineAndCharacterOfPosition(found.start).line + 1;
    return `${found.file?.fileName}:${line}: ${ts.flattenDiagnosticMessageText(found.messageText, "\n")}`;
  });
  const written = {};
  program.emit(undefined, (name, text) => (written[name] = text));
  return { mistakes, written };
}

/** What the compiler has to say about a project, with some of its files changed. */
export const mistakes = (config, changed = {}, paths = undefined) => compile(config, { changed, paths }).mistakes;

/** The file's text with one place changed. */
export function replaced(name, from, to) {
  const text = readFileSync(name, "utf8");
  assert.ok(text.includes(from), `${from} is in ${name}`);
  return { [name]: text.replace(from, to) };
}
