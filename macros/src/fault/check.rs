//! Codes tell failures apart.

use syn::DeriveInput;

use super::parse::Kind;
use crate::report::Report;

pub(super) fn check(input: &DeriveInput, kinds: &[Kind<'_>], report: &mut Report) {
    let name = &input.ident;
    for (i, kind) in kinds.iter().enumerate() {
        if kind.code.is_empty() {
            report.at_span(kind.span, "the fault code is empty");
        }
        if kinds.iter().take(i).any(|earlier| earlier.code == kind.code) {
            report.at_span(
                kind.span,
                format!("fault code `{}` is used by two variants of `{name}`", kind.code),
            );
        }
    }
}
