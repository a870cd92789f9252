//! TypeScript for the generics of the official client: `Socket<ServerToClientEvents, ClientToServerEvents>`.
//!
//! One namespace block per handler, one type per payload type. Three rules, found by trying them on the client's own types: an optional
//! argument in front of the callback makes a union of argument lists, as TypeScript has no required parameter after an optional one;
//! the callback of an event that answers is required, or `emitWithAck` is `never`; of one that answers nothing it is optional.

mod calls;
#[cfg(test)]
mod tests;
mod text;
mod types;

use std::fmt::Write as _;

use super::names::Definitions;
use super::space::{Faults, Namespace};
use crate::typed::bounds::Codes;
use text::{docs, indent, literal, union};
use types::Types;

/// What the server answers instead of running a method, and when it failed. The app's own codes are with each event.
const SERVER_CODES: &[&str] = &[
    "bad_argument",
    "forbidden",
    "internal",
    "missing_argument",
    "no_answer",
    "refused",
    "too_many_arguments",
    "unknown_event",
];

/// Codes of `connect_error` that the server has itself.
const REFUSALS: &[&str] = &["bad_auth", "bad_path", "contract", "internal"];

const HEAD: &str = "// Written from the handlers, by `UPDATE_CATALOGUE=1 cargo test`. Do not edit.\n";

const ANSWERS: &str = r#"/** What an event that can fail answers. */
export type Answer<T, Code extends string = never> = { ok: true; data: T } | Failed<Code>;

/** Why an event was not done. `at` is the place that is wrong: `/2/cents` is `cents` of the second argument. */
export type Failed<Code extends string = never> = {
  ok: false;
  error: { code: Code | ServerCode; message: string; at?: string };
};

"#;

/// A module with the contract.
pub(super) fn module(spaces: &[Namespace], definitions: &Definitions, contract: &str) -> String {
    file(spaces, definitions, &format!("export const CONTRACT = {};", literal(contract)))
}

/// Declarations; the contract is in the JavaScript beside them.
pub(super) fn declarations(spaces: &[Namespace], definitions: &Definitions, contract: &str) -> String {
    file(spaces, definitions, &format!("export declare const CONTRACT: {};", literal(contract)))
}

/// The module that [`declarations`] declares.
pub(super) fn javascript(contract: &str) -> String {
    format!("{HEAD}export const CONTRACT = {};\n", literal(contract))
}

/// What the contract is the hash of.
pub(super) fn bare(spaces: &[Namespace], definitions: &Definitions) -> String {
    body(spaces, definitions, false)
}

fn file(spaces: &[Namespace], definitions: &Definitions, contract: &str) -> String {
    let about =
        "Given as `auth.$contract`, it lets the server name a front end that was built for another version.";
    let import = "import type { Socket as ClientSocket } from \"socket.io-client\";";
    let codes = union(SERVER_CODES);
    let body = body(spaces, definitions, true);
    format!(
        "{HEAD}{import}\n\n/** {about} */\n{contract}\n\n{ANSWERS}/** Codes that every event may fail with. */\n\
         export type ServerCode =\n  | {};\n\n{body}",
        codes.replace(" | ", "\n  | ")
    )
}

fn body(spaces: &[Namespace], definitions: &Definitions, with_docs: bool) -> String {
    let types = Types { definitions, docs: with_docs };
    let namespaces = spaces.iter().map(|space| namespace(space, &types));
    let named = definitions.types.iter().map(|(name, schema)| types.declare(name, schema));
    let faults = definitions.faults.iter().map(|(name, codes)| fault(name, codes));
    namespaces.chain(faults).chain(named).collect::<Vec<_>>().join("\n")
}

fn namespace(space: &Namespace, types: &Types<'_>) -> String {
    let mut inside = String::new();
    let mut line = |about: &str, line: &str| {
        let about = if types.docs { docs(about) } else { String::new() };
        let _ = write!(inside, "{about}{line}\n\n");
    };
    line("What the client connects to.", &format!("export type Namespace = {};", address(space)));
    let sent = calls::interface("ServerToClientEvents", &space.sent, types);
    line("What the server emits.", &sent);
    let heard = calls::interface("ClientToServerEvents", &space.heard, types);
    line("What the client emits.", &heard);
    if let Some(auth) = &space.auth {
        let auth = types.of(auth).in_intersection();
        line(
            "What the client gives as `auth`.",
            &format!("export type Auth = {auth} & {{ $contract?: string }};"),
        );
    }
    line(
        "`error.data` of a `connect_error`.",
        &format!("export type Refusal = {{ code: {} }};", refusals(&space.refusals, types)),
    );
    let socket = "export type Socket = ClientSocket<ServerToClientEvents, ClientToServerEvents>;";
    line("The official client's socket.", socket);
    let about = if types.docs { docs(space.docs) } else { String::new() };
    format!("{about}export namespace {} {{\n{}}}\n", space.name, indent(inside.trim_end()))
}

/// `/team/{id}` as a template type.
fn address(space: &Namespace) -> String {
    if space.parameters().next().is_none() {
        return literal(space.address);
    }
    let segments =
        space.address.split('/').map(|segment| if segment.starts_with('{') { "${string}" } else { segment });
    format!("`{}`", segments.collect::<Vec<_>>().join("/"))
}

fn refusals(faults: &Faults, types: &Types<'_>) -> String {
    let (app, own) = (calls::codes(faults, types), union(REFUSALS));
    match app.as_str() {
        "" => own,
        "string" => app,
        _ => format!("{app} | {own}"),
    }
}

fn fault(name: &str, codes: &Codes) -> String {
    let codes: String = codes.codes.iter().map(|code| format!("\n  | {}", literal(code))).collect();
    format!("export type {name} ={codes};\n")
}
