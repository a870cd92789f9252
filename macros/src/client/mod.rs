//! `#[client]`.

mod catalogue;
mod check;
mod expand;
mod next;
mod parse;

use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemTrait;

use crate::report::{Report, here, with_item};

pub(crate) fn attribute(attr: &TokenStream, item: &TokenStream) -> TokenStream {
    let contract: ItemTrait = match syn::parse2(item.clone()) {
        Ok(contract) => contract,
        Err(_) => {
            let sentence = "`#[client]` goes on a `trait` that lists the events the server emits";
            return with_item(item, &here(sentence));
        }
    };
    let mut report = Report::default();
    let in_catalogue = attr.to_string() == "catalogue";
    if !attr.is_empty() && !in_catalogue {
        report.at(attr, "`#[client]` takes no options but `catalogue`");
    }
    let events = parse::events(&contract, &mut report);
    check::check(&contract, &events, &mut report);
    match report.into_error() {
        None => {
            let code = expand::contract(&contract, &events);
            let described = in_catalogue.then(|| catalogue::described(&contract, &events));
            quote!(#code #described)
        }
        Some(error) => expand::with_error(&contract, &error),
    }
}
