//! `#[derive(Fault)]`.

mod check;
mod expand;
mod parse;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::report::Report;

pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut report = Report::default();
    let variants = parse::variants(input, &mut report);
    check::check(input, &variants, &mut report);
    let expansion = expand::fault(input, &variants);
    let error = report.into_error().map(|error| error.to_compile_error());
    expand::both(&expansion, error.as_ref())
}
