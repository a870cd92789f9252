//! The words in `#[handler(…)]`.

use syn::meta::ParseNestedMeta;
use syn::{DeriveInput, LitStr, Type};

use crate::report::{Report, unknown_option};

const KNOWN: &[&str] = &["ns", "state", "client"];

/// What was said; `None` where nothing was.
#[derive(Default)]
pub(super) struct Options {
    pub(super) namespace: Option<LitStr>,
    pub(super) state: Option<Type>,
    pub(super) client: Option<Type>,
}

impl Options {
    pub(super) fn parse(input: &DeriveInput, report: &mut Report) -> Self {
        let mut options = Self::default();
        for attr in input.attrs.iter().filter(|attr| attr.path().is_ident("handler")) {
            report.keep(attr.parse_nested_meta(|meta| options.word(&meta)));
        }
        options
    }

    fn word(&mut self, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
        if meta.path.is_ident("ns") {
            self.namespace = Some(meta.value()?.parse()?);
        } else if meta.path.is_ident("state") {
            self.state = Some(meta.value()?.parse()?);
        } else if meta.path.is_ident("client") {
            self.client = Some(meta.value()?.parse()?);
        } else {
            return Err(unknown_option(&meta.path, "handler", KNOWN));
        }
        Ok(())
    }
}
