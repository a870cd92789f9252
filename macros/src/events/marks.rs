//! Our attributes on methods and arguments: finding them, reading their words, taking them out.

use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Expr, Lit, LitStr, Meta, Path, Token};

use super::model::{Event, Role};
use crate::report::unknown_option;

const ROLES: &[&str] = &[
    "event",
    "connect",
    "connected",
    "away",
    "recovered",
    "disconnect",
    "fallback",
    "created",
    "joining",
    "joined",
    "left",
    "back",
    "every",
    "empty",
    "closed",
];

/// Those that only a room has.
const OF_ROOMS: &[&str] = &["created", "joining", "joined", "left", "back", "every", "empty", "closed"];

/// Whether a method with this attribute is one of a room.
pub(super) fn is_of_room(attr: &Attribute) -> bool {
    name_of(attr, OF_ROOMS).is_some()
}

/// The attribute's name, if it is one of `names`, with or without `greenroom::` before it.
fn name_of<'a>(attr: &Attribute, names: &[&'a str]) -> Option<&'a str> {
    let segments = &attr.path().segments;
    let ours = segments.len() == 1 || (segments.len() == 2 && segments[0].ident == "greenroom");
    let last = segments.last().filter(|_| ours)?;
    names.iter().find(|name| last.ident == **name).copied()
}

pub(super) fn is_role(attr: &Attribute) -> bool {
    name_of(attr, ROLES).is_some()
}

/// What a person says about a parameter whose type's name says something else, or nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// `#[cx]`: the server hands it in.
    Server,
    /// `#[payload]`: the client sends it.
    Client,
}

pub(super) fn origin(attr: &Attribute) -> Option<Origin> {
    match name_of(attr, &["cx", "payload"])? {
        "cx" => Some(Origin::Server),
        _ => Some(Origin::Client),
    }
}

/// The role that an attribute gives to a method of this name.
pub(super) fn role(attr: &Attribute, method: &syn::Ident) -> syn::Result<Role> {
    let role = match name_of(attr, ROLES) {
        Some("connect") => Role::Connect,
        Some("connected") => Role::Connected,
        Some("away") => Role::Away,
        Some("recovered") => Role::Recovered,
        Some("disconnect") => Role::Disconnect,
        Some("fallback") => Role::Fallback,
        Some("created") => Role::Created,
        Some("joining") => Role::Joining,
        Some("joined") => Role::Joined,
        Some("left") => Role::Left,
        Some("back") => Role::Back,
        Some("every") => return every(attr),
        Some("empty") => Role::Empty,
        Some("closed") => Role::Closed,
        _ => return event(attr, method).map(Role::Event),
    };
    match &attr.meta {
        Meta::Path(_) => Ok(role),
        meta => Err(syn::Error::new_spanned(meta, format!("`{}` takes no options", role.attribute()))),
    }
}

/// `#[every("1s")]`.
fn every(attr: &Attribute) -> syn::Result<Role> {
    let Meta::List(list) = &attr.meta else {
        return Err(syn::Error::new_spanned(attr, "say how often: `#[every(\"1s\")]`"));
    };
    crate::duration::read(&list.parse_args()?).map(Role::Every)
}

/// `#[event("name", guard = …, strict)]`.
fn event(attr: &Attribute, method: &syn::Ident) -> syn::Result<Event> {
    let mut event =
        Event { name: method.unraw().to_string(), span: method.span(), guards: Vec::new(), strict: false };
    let words = match &attr.meta {
        Meta::Path(_) => return Ok(event),
        Meta::List(list) => list.tokens.clone(),
        Meta::NameValue(pair) => {
            return Err(syn::Error::new_spanned(
                pair,
                "write the event's name in brackets: `#[event(\"chat message\")]`",
            ));
        }
    };
    let parse = |input: ParseStream<'_>| {
        let mut first = true;
        while !input.is_empty() {
            event_word(input, first, &mut event)?;
            first = false;
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    };
    parse.parse2(words)?;
    Ok(event)
}

fn event_word(input: ParseStream<'_>, first: bool, event: &mut Event) -> syn::Result<()> {
    if input.peek(LitStr) {
        let name: LitStr = input.parse()?;
        if !first {
            return Err(syn::Error::new_spanned(
                name,
                "an event has one name, and it comes first: for an alias add a second `#[event]`",
            ));
        }
        (event.name, event.span) = (name.value(), name.span());
        return Ok(());
    }
    if input.peek(Lit) {
        let literal: Lit = input.parse()?;
        return Err(syn::Error::new_spanned(
            literal,
            "the event name is a string: `#[event(\"chat message\")]`",
        ));
    }
    let path = input.call(Path::parse_mod_style)?;
    if path.is_ident("guard") {
        input.parse::<Token![=]>()?;
        event.guards.push(input.parse()?);
    } else if path.is_ident("strict") {
        event.strict = true;
    } else if path.is_ident("name") {
        return Err(syn::Error::new_spanned(
            path,
            "the event name needs no key: `#[event(\"chat message\")]`",
        ));
    } else {
        return Err(unknown_option(&path, "event", &["guard", "strict"]));
    }
    Ok(())
}

/// The words in `#[events(…)]`.
#[derive(Default)]
pub(super) struct Words {
    pub(super) guards: Vec<Expr>,
    pub(super) catalogue: bool,
    pub(super) room: bool,
}

/// `#[events(guard = …, catalogue)]`.
pub(super) fn block_words(attr: proc_macro2::TokenStream) -> syn::Result<Words> {
    let parse = |input: ParseStream<'_>| {
        let mut words = Words::default();
        while !input.is_empty() {
            let path = input.call(Path::parse_mod_style)?;
            if path.is_ident("guard") {
                input.parse::<Token![=]>()?;
                words.guards.push(input.parse()?);
            } else if path.is_ident("catalogue") {
                words.catalogue = true;
            } else if path.is_ident("room") {
                words.room = true;
            } else {
                return Err(unknown_option(&path, "events", &["guard", "catalogue", "room"]));
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(words)
    };
    parse.parse2(attr)
}
