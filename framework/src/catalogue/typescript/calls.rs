//! Events as functions: what `emit` takes, what `on` hears.

use std::fmt::Write as _;

use super::text::{docs, indent, key, parameter};
use super::types::Types;
use crate::catalogue::events::{Argument, Count, Event, Reply};
use crate::catalogue::space::Faults;

pub(super) fn interface(name: &str, events: &[Event], types: &Types<'_>) -> String {
    let mut members = String::new();
    for event in events {
        if types.docs {
            members.push_str(&docs(event.docs));
        }
        let _ = writeln!(members, "{}: ({}) => void;", key(event.name), parameters(event, types));
    }
    if members.is_empty() {
        return format!("export interface {name} {{}}");
    }
    format!("export interface {name} {{\n{}}}", indent(&members))
}

/// One list of arguments as it is, several as a union.
fn parameters(event: &Event, types: &Types<'_>) -> String {
    let lists = lists(event, types);
    let has_rest = event.arguments.iter().any(|argument| argument.count == Count::Any);
    match &lists[..] {
        [list] if !has_rest => list.join(", "),
        [list] => format!("...args: [{}]", list.join(", ")),
        lists => {
            let lists: String = lists.iter().map(|list| format!("\n    | [{}]", list.join(", "))).collect();
            format!("\n  ...args:{lists}\n")
        }
    }
}

/// Every list of arguments that `emit` takes, with its callback; the shortest first.
fn lists(event: &Event, types: &Types<'_>) -> Vec<Vec<String>> {
    let of = |count: Count| event.arguments.iter().filter(move |argument| argument.count == count);
    let optional: Vec<_> = of(Count::Optional).collect();
    let mut lists = Vec::new();
    for kept in 0..=optional.len() {
        let optional_ones = optional.iter().copied().take(kept);
        let rest = of(Count::Any).filter(|_| kept == optional.len());
        let arguments: Vec<_> = of(Count::One).chain(optional_ones).chain(rest).collect();
        let has_rest = arguments.last().is_some_and(|last| last.count == Count::Any);
        let list: Vec<_> = arguments.into_iter().map(|one| argument(one, types)).collect();
        let with = |callback: String| list.iter().cloned().chain([callback]).collect();
        match callback(event, types) {
            Callback::Never => lists.push(list),
            Callback::Required(callback) => lists.push(with(format!("ack: {callback}"))),
            // Nothing optional can follow the rest.
            Callback::Optional(callback) if has_rest => {
                lists.extend([with(format!("ack: {callback}")), list.clone()]);
            }
            Callback::Optional(callback) => lists.push(with(format!("ack?: {callback}"))),
        }
    }
    lists
}

fn argument(argument: &Argument, types: &Types<'_>) -> String {
    let (name, ty) = (parameter(argument.name), types.of(&argument.schema));
    match argument.count {
        Count::One => format!("{name}: {}", ty.text),
        Count::Optional => format!("{name}: {}", ty.or("null").text),
        Count::Any => format!("...{name}: {}[]", ty.in_array()),
    }
}

enum Callback {
    Never,
    Optional(String),
    Required(String),
}

fn callback(event: &Event, types: &Types<'_>) -> Callback {
    let codes = codes(&event.faults, types);
    let answer = |answer: &str| Callback::Required(format!("(answer: {answer}) => void"));
    match &event.reply {
        Reply::Never => Callback::Never,
        Reply::Done => Callback::Optional(format!("(failed?: Failed{}) => void", angle(&[&codes]))),
        Reply::Value(schema) => answer(&types.of(schema).or(&format!("Failed{}", angle(&[&codes]))).text),
        Reply::Checked(schema) => answer(&format!("Answer{}", angle(&[&types.of(schema).text, &codes]))),
        Reply::Asked(schema) => answer(&types.of(schema).text),
    }
}

/// The app's codes by the names of their types; empty when there are none.
pub(super) fn codes(faults: &Faults, types: &Types<'_>) -> String {
    if faults.open {
        return "string".to_owned();
    }
    let names = faults.known.iter().map(|codes| types.definitions.fault(codes));
    names.collect::<Vec<_>>().join(" | ")
}

/// `<A, B>`, without the empty ones.
fn angle(types: &[&str]) -> String {
    let types: Vec<_> = types.iter().copied().filter(|ty| !ty.is_empty()).collect();
    if types.is_empty() { String::new() } else { format!("<{}>", types.join(", ")) }
}
