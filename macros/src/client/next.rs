//! A contract's events as a test client takes them: a method each, whose value is the next of them. Compiled where `greenroom` has its
//! feature `testing`, and nowhere else.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::expand::docs;
use super::parse::Event;
use crate::types::{owned, returned};

pub(super) fn name(contract: &Ident) -> Ident {
    format_ident!("Next{contract}")
}

pub(super) fn next(contract: &Ident, events: &[Event<'_>]) -> TokenStream {
    let name = name(contract);
    let doc = format!("The events of `{contract}`, as its test client takes them.");
    let methods = events.iter().map(method);
    quote! {
        ::greenroom::__testing! {
            #[doc = #doc]
            pub struct #name(::greenroom::testing::RawNext);

            #[automatically_derived]
            impl ::std::convert::From<::greenroom::testing::RawNext> for #name {
                fn from(next: ::greenroom::testing::RawNext) -> Self {
                    Self(next)
                }
            }

            #[automatically_derived]
            #[allow(dead_code, clippy::all, private_interfaces)]
            impl #name {
                #(#methods)*
            }
        }
    }
}

fn method(event: &Event<'_>) -> TokenStream {
    let signature = &event.method.sig;
    let (ident, name, docs) = (&signature.ident, &event.name, docs(&event.method.attrs));
    let types: Vec<_> = event.params.iter().map(|(_, ty)| owned(ty)).collect();
    // One argument is given as it is, any other number as a tuple.
    let (count, args) = match &types[..] {
        [one] => (format_ident!("One"), quote!(#one)),
        several => (format_ident!("Several"), quote!((#(#several),*))),
    };
    let count = quote!(::greenroom::testing::Count::#count);
    if signature.asyncness.is_none() {
        return quote! {
            #(#docs)*
            #[track_caller]
            pub fn #ident(&self) -> ::greenroom::testing::NextEvent<#args> {
                self.0.event(#name, #count)
            }
        };
    }
    let answer = returned(&signature.output).map_or_else(|| quote!(()), owned);
    quote! {
        #(#docs)*
        #[track_caller]
        pub fn #ident(&self) -> ::greenroom::testing::NextQuestion<#answer, #args> {
            self.0.question(#name, #count)
        }
    }
}
