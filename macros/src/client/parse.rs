//! The events of a contract.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{FnArg, Ident, ItemTrait, LitStr, Pat, TraitItem, TraitItemFn, Type};

use crate::report::Report;

/// One event that the server sends.
pub(super) struct Event<'a> {
    pub(super) method: &'a TraitItemFn,
    pub(super) name: String,
    /// Where the name is written.
    pub(super) span: Span,
    pub(super) params: Vec<(&'a Ident, &'a Type)>,
}

pub(super) fn events<'a>(contract: &'a ItemTrait, report: &mut Report) -> Vec<Event<'a>> {
    let mut events = Vec::new();
    for item in &contract.items {
        match item {
            TraitItem::Fn(method) => events.push(event(method, report)),
            other => report.at(other, "a client contract only has methods, one per event"),
        }
    }
    events
}

fn event<'a>(method: &'a TraitItemFn, report: &mut Report) -> Event<'a> {
    let ident = &method.sig.ident;
    let (mut name, mut span) = (ident.unraw().to_string(), ident.span());
    for attr in method.attrs.iter().filter(|attr| attr.path().is_ident("event")) {
        match attr.parse_args::<LitStr>() {
            Ok(literal) => (name, span) = (literal.value(), literal.span()),
            Err(_) => report.at(attr, "write the event's name: `#[event(\"new message\")]`"),
        }
    }
    let mut params = Vec::new();
    for input in method.sig.inputs.iter().skip(1) {
        match input {
            FnArg::Typed(param) => match &*param.pat {
                Pat::Ident(pat) => params.push((&pat.ident, &*param.ty)),
                other => report.at(other, "name the argument: it is what the catalogue calls it"),
            },
            FnArg::Receiver(_) => {}
        }
    }
    Event { method, name, span, params }
}
