//! Names on the wire.

use proc_macro2::Span;
use syn::Error;

/// Names that the protocol keeps for itself, and what was probably meant.
const RESERVED: &[(&str, &str)] = &[
    ("connect", "use `#[connect]` on the method that builds the handler"),
    ("connect_error", "return an error from `#[connect]` to refuse a client"),
    ("disconnect", "use `#[disconnect]` on the method that runs when the client leaves"),
    ("disconnecting", "use `#[disconnect]`; the rooms are still joined while it runs"),
    ("newListener", "pick another name"),
    ("removeListener", "pick another name"),
];

/// Longer ones are refused by the parser.
const MAX: usize = 128;

pub(crate) fn check_event(name: &str, span: Span) -> syn::Result<()> {
    if name.is_empty() {
        return Err(Error::new(span, "the event name is empty"));
    }
    if name.len() > MAX {
        return Err(Error::new(span, format!("an event name has at most {MAX} bytes")));
    }
    match RESERVED.iter().find(|(reserved, _)| *reserved == name) {
        Some((_, instead)) => Err(Error::new(
            span,
            format!("`{name}` is reserved by Socket.IO and a client cannot emit it: {instead}"),
        )),
        None => Ok(()),
    }
}

/// `NotInRoom` as `not_in_room`.
pub(crate) fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for (i, c) in name.chars().enumerate() {
        if c.is_uppercase() && i > 0 {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}
