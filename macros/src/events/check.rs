//! The rules of a block: each is a question, a token and a sentence.

use quote::ToTokens;
use syn::{GenericParam, Type};

use super::model::{Block, Method, Role};
use super::param::{Param, Source};
use crate::names;
use crate::report::Report;
use crate::types::{generic_types, is_named, returned};

pub(super) fn check(block: &Block, report: &mut Report) {
    if let Some((_, path, _)) = &block.item.trait_ {
        let handler = block.handler().to_token_stream();
        report.at(path, format!("`#[events]` goes on an inherent impl: `impl {handler} {{ .. }}`"));
    }
    check_names(block, report);
    check_answers_have_names(block, report);
    if block.is_room {
        return super::check_room::check(block, report);
    }
    check_hooks_are_single(block, report);
    for method in &block.methods {
        check_signature(method, report);
        match &method.role {
            Role::Event(_) | Role::Fallback => check_event(method, report),
            Role::Connect => check_connect(method, report),
            Role::Connected | Role::Away | Role::Disconnect => check_hook(method, report),
            Role::Recovered => check_recovered(method, report),
            // A block with one of these is a room's.
            _ => {}
        }
    }
}

fn check_names(block: &Block, report: &mut Report) {
    let handler = block.handler().to_token_stream();
    let events: Vec<_> = block.events().collect();
    for (i, (event, method)) in events.iter().enumerate() {
        report.keep(names::check_event(&event.name, event.span));
        // Under `#[cfg]` only one of two may be there; the compiler's own lint finds an arm that is never reached.
        let clashes = |(earlier, other): &&(&super::model::Event, &Method)| {
            earlier.name == event.name && method.conditions.is_empty() && other.conditions.is_empty()
        };
        if let Some((first, _)) = events.iter().take(i).find(clashes) {
            report
                .at_span(event.span, format!("`{handler}` already has a handler for event `{}`", event.name));
            report.at_span(first.span, format!("the first handler for `{}` is here", event.name));
        }
    }
}

fn check_answers_have_names(block: &Block, report: &mut Report) {
    let answers = block.events().filter_map(|(_, method)| returned(&method.signature.output));
    for answer in answers.filter(|_| block.catalogue) {
        let good = generic_types(answer).first().copied().unwrap_or(answer);
        if let Type::ImplTrait(_) = good {
            report.at(good, "name the type: the catalogue cannot see behind `impl Trait`");
        }
    }
}

pub(super) fn check_hooks_are_single(block: &Block, report: &mut Report) {
    let handler = block.handler().to_token_stream();
    for (i, method) in block.methods.iter().enumerate() {
        if matches!(method.role, Role::Event(_) | Role::Every(_)) {
            continue;
        }
        let attribute = method.role.attribute();
        // Of two that are each under a `#[cfg]`, only one may be there; if both are, the compiler says so.
        let clashes = |earlier: &Method| {
            earlier.role.attribute() == attribute
                && (earlier.conditions.is_empty() || method.conditions.is_empty())
        };
        if block.methods.iter().take(i).any(clashes) {
            report.at(&method.mark, format!("`{handler}` has two `{attribute}` methods"));
        }
    }
}

pub(super) fn check_signature(method: &Method, report: &mut Report) {
    let signature = &method.signature;
    if signature.generics.params.iter().any(|param| !matches!(param, GenericParam::Lifetime(_))) {
        let sentence = format!(
            "event handlers cannot be generic: `{}` needs one concrete type per argument",
            signature.ident
        );
        report.at(&signature.generics, sentence);
    }
    if let Some(word) = &signature.unsafety {
        report.at(word, "the framework calls this method, so it cannot be `unsafe`");
    }
}

pub(super) fn check_event(method: &Method, report: &mut Report) {
    if let Some(receiver) = method.receiver.as_ref().filter(|receiver| receiver.reference.is_none()) {
        report.at(receiver, "an event handler borrows its state: take `&mut self` or `&self`");
    }
    check_optional_tail(&method.params, report);
    check_rest(&method.params, report);
    check_ack(method, report);
}

fn check_optional_tail(params: &[Param], report: &mut Report) {
    let mut optional = None;
    for param in params {
        match (&param.source, &optional) {
            (source, _) if source.is_optional() => optional = Some(&param.name),
            (Source::Text | Source::Payload { .. }, Some(optional)) => {
                let sentence = format!(
                    "required argument `{}` comes after the optional `{optional}`: a client can only leave out arguments at the end",
                    param.name
                );
                report.at(&param.tokens, sentence);
            }
            _ => {}
        }
    }
}

fn check_rest(params: &[Param], report: &mut Report) {
    let is_rest = |param: &Param| matches!(param.source, Source::Rest(_) | Source::Cursor);
    let Some(at) = params.iter().position(is_rest) else { return };
    if let Some(rest) = params.get(at)
        && params.iter().skip(at + 1).any(|param| param.source.is_positional())
    {
        let name = if matches!(rest.source, Source::Cursor) { "Args" } else { "Rest" };
        report.at(
            &rest.tokens,
            format!("`{name}` takes every remaining argument: it comes after the other arguments"),
        );
    }
}

fn check_ack(method: &Method, report: &mut Report) {
    let is_ack = |param: &&Param| matches!(param.source, Source::Ack);
    let acks: Vec<_> = method.params.iter().filter(is_ack).collect();
    let Some(ack) = acks.first() else { return };
    if let Some(second) = acks.get(1) {
        report.at(&second.tokens, "an event has one acknowledgement: take a single `Ack<T>`");
    } else if !method.params.last().is_some_and(|last| is_ack(&last)) {
        report.at(&ack.tokens, "`Ack` stands for the callback of `socket.emit(..)`: it is the last argument");
    }
    if let Some(answer) = returned(&method.signature.output) {
        let sentence = "this handler answers through `Ack`, so it returns nothing; drop `Ack` to answer with the return value";
        report.at(answer, sentence);
    }
}

fn check_connect(method: &Method, report: &mut Report) {
    if let Some(receiver) = &method.receiver {
        let sentence =
            "`#[connect]` builds the handler, so it has no `self` yet: return `Self` or `Result<Self, E>`";
        report.at(receiver, sentence);
    }
    if returned(&method.signature.output).is_none() {
        report.at(&method.signature.ident, "`#[connect]` must return `Self` or `Result<Self, E>`");
    }
}

fn check_hook(method: &Method, report: &mut Report) {
    let attribute = method.role.attribute();
    check_borrows(method, report);
    if let Some(ty) = returned(&method.signature.output)
        && !matches!(ty, Type::Never(_))
    {
        report.at(ty, format!("`{attribute}` returns nothing: nobody waits for its answer"));
    }
}

fn check_recovered(method: &Method, report: &mut Report) {
    check_borrows(method, report);
    if let Some(ty) = returned(&method.signature.output).filter(|ty| !is_named(ty, "Result")) {
        report.at(ty, "`#[recovered]` lets the client in with nothing or `Ok(())`, and refuses it with `Err(..)`: return `Result<(), E>`");
    }
}

fn check_borrows(method: &Method, report: &mut Report) {
    let attribute = method.role.attribute();
    match &method.receiver {
        Some(receiver) if receiver.reference.is_some() => {}
        Some(receiver) => {
            report.at(receiver, format!("`{attribute}` borrows its state: take `&mut self` or `&self`"))
        }
        None => report.at(&method.signature.ident, format!("`{attribute}` takes `&mut self` or `&self`")),
    }
}
