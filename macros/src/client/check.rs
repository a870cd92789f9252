//! What a contract may say.

use syn::{FnArg, ItemTrait, Type};

use super::parse::Event;
use crate::names;
use crate::report::Report;
use crate::types::returned;

/// Methods that every contract has already.
const MODIFIERS: &[&str] = &["timeout", "volatile", "except"];

pub(super) fn check(contract: &ItemTrait, events: &[Event<'_>], report: &mut Report) {
    let name = &contract.ident;
    if !contract.generics.params.is_empty() {
        report.at(
            &contract.generics,
            "a client contract cannot be generic: its events have one shape on the wire",
        );
    }
    if !contract.supertraits.is_empty() {
        report.at(&contract.supertraits, "a client contract stands alone: list all its events here");
    }
    for (i, event) in events.iter().enumerate() {
        report.keep(names::check_event(&event.name, event.span));
        if let Some(first) = events.iter().take(i).find(|earlier| earlier.name == event.name) {
            report.at_span(event.span, format!("`{name}` already has an event `{}`", event.name));
            report.at_span(first.span, format!("the first `{}` is here", event.name));
        }
        method(name, event, report);
    }
}

fn method(contract: &syn::Ident, event: &Event<'_>, report: &mut Report) {
    let signature = &event.method.sig;
    let name = &signature.ident;
    if MODIFIERS.iter().any(|modifier| name == modifier) {
        let rename = "rename the method and keep the wire name with";
        report
            .at(name, format!("`{contract}::{name}` is already a modifier; {rename} `#[event(\"{name}\")]`"));
    }
    if let Some(body) = &event.method.default {
        report.at(body, "a client event has no body: the client runs it");
    }
    if !signature.generics.params.is_empty() {
        report.at(
            &signature.generics,
            "a client event cannot be generic: its arguments have one shape on the wire",
        );
    }
    match signature.inputs.first() {
        Some(FnArg::Receiver(receiver)) if receiver.reference.is_some() && receiver.mutability.is_none() => {}
        Some(FnArg::Receiver(receiver)) => report.at(receiver, "write `&self`"),
        _ => report.at(name, "a client event takes `&self`"),
    }
    for (_, ty) in &event.params {
        if let Type::ImplTrait(_) = ty {
            report.at(ty, "name the type: `impl Trait` has no fixed JSON shape");
        }
    }
    if let (None, Some(answer)) = (signature.asyncness, returned(&signature.output)) {
        let sentence = "returns a value, so it waits for the client's acknowledgement: make it";
        report.at(answer, format!("`{name}` {sentence} `async fn {name}`"));
    }
}
