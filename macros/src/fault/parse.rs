//! Variants and the words in `#[fault(…)]`.

use proc_macro2::Span;
use syn::{Data, DeriveInput, LitStr, Variant};

use crate::names::snake_case;
use crate::report::{Report, unknown_option};

/// One kind of failure.
pub(super) struct Kind<'a> {
    pub(super) variant: &'a Variant,
    pub(super) code: String,
    /// Where the code comes from.
    pub(super) span: Span,
    pub(super) hidden: bool,
}

pub(super) fn variants<'a>(input: &'a DeriveInput, report: &mut Report) -> Vec<Kind<'a>> {
    let Data::Enum(data) = &input.data else {
        report.at(&input.ident, "`#[derive(Fault)]` is for enums: one variant per error code");
        return Vec::new();
    };
    data.variants.iter().map(|variant| kind(variant, report)).collect()
}

fn kind<'a>(variant: &'a Variant, report: &mut Report) -> Kind<'a> {
    let ident = &variant.ident;
    let mut kind = Kind { variant, code: snake_case(&ident.to_string()), span: ident.span(), hidden: false };
    for attr in variant.attrs.iter().filter(|attr| attr.path().is_ident("fault")) {
        report.keep(attr.parse_nested_meta(|meta| {
            if meta.path.is_ident("code") {
                let code: LitStr = meta.value()?.parse()?;
                (kind.code, kind.span) = (code.value(), code.span());
            } else if meta.path.is_ident("hidden") {
                kind.hidden = true;
            } else {
                return Err(unknown_option(&meta.path, "fault", &["code", "hidden"]));
            }
            Ok(())
        }));
    }
    kind
}
