//! `#[events]`.

mod check;
mod check_room;
mod expand;
mod marks;
mod model;
mod param;
mod parse;

use proc_macro2::TokenStream;
use syn::{Error, ItemImpl};

use crate::report::{Report, with_item};

pub(crate) fn attribute(attr: TokenStream, item: &TokenStream) -> TokenStream {
    let block: ItemImpl = match syn::parse2(item.clone()) {
        Ok(block) => block,
        Err(error) => {
            let sentence = format!("`#[events]` goes on an `impl` block ({error})");
            return with_item(item, &Error::new(error.span(), sentence));
        }
    };
    let mut report = Report::default();
    let block = parse::block(attr, block, &mut report);
    check::check(&block, &mut report);
    match report.into_error() {
        None => expand::block(&block),
        Some(error) => expand::with_error(&block, &error),
    }
}
