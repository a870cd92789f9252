//! The words in `#[handler(…)]`.

use syn::meta::ParseNestedMeta;
use syn::parse::Parse as _;
use syn::{DeriveInput, LitStr, Type};

use crate::report::{Report, skip_value, unknown_option};

const KNOWN: &[&str] = &["ns", "state", "client", "rooms"];

/// What was said; `None` where nothing was.
#[derive(Default)]
pub(super) struct Options {
    pub(super) namespace: Option<LitStr>,
    pub(super) state: Option<Type>,
    pub(super) client: Option<Type>,
    /// The kinds of rooms that its sockets may enter.
    pub(super) rooms: Vec<Type>,
}

impl Options {
    pub(super) fn parse(input: &DeriveInput, report: &mut Report) -> Self {
        let mut options = Self::default();
        for attr in input.attrs.iter().filter(|attr| attr.path().is_ident("handler")) {
            let parsed = attr.parse_nested_meta(|meta| options.word(&meta, report));
            report.keep(parsed);
        }
        options
    }

    fn word(&mut self, meta: &ParseNestedMeta<'_>, report: &mut Report) -> syn::Result<()> {
        if meta.path.is_ident("ns") {
            self.namespace = Some(meta.value()?.parse()?);
        } else if meta.path.is_ident("state") {
            self.state = Some(meta.value()?.parse()?);
        } else if meta.path.is_ident("client") {
            self.client = Some(meta.value()?.parse()?);
        } else if meta.path.is_ident("rooms") {
            let list;
            syn::parenthesized!(list in meta.input);
            self.rooms.extend(list.parse_terminated(Type::parse, syn::Token![,])?);
        } else {
            report.add(unknown_option(&meta.path, "handler", KNOWN));
            skip_value(meta.input)?;
        }
        Ok(())
    }
}
