//! `#[derive(Room)]`.

mod check;
mod expand;
mod parse;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::report::Report;
use parse::Options;

pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut report = Report::default();
    let options = Options::parse(input, &mut report);
    check::check(input, &options, &mut report);
    match report.into_error() {
        None => expand::room(input, &options),
        Some(error) => expand::with_error(input, &error),
    }
}
