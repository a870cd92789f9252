//! What `#[derive(Handler)]` writes.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::{DeriveInput, Error, Type};

use super::check::is_pattern;
use super::parse::Options;
use crate::docs;
use crate::types::span_of;

pub(super) fn handler(input: &DeriveInput, options: &Options) -> TokenStream {
    let name = &input.ident;
    let (impl_generics, type_generics, bounds) = input.generics.split_for_impl();
    let namespace = match &options.namespace {
        Some(namespace) => quote!(#namespace),
        None => quote!("/"),
    };
    let state = match &options.state {
        Some(state) => quote!(#state),
        None => quote!(()),
    };
    let client = match &options.client {
        Some(client) => quote_spanned!(span_of(client)=> #client),
        None => quote!(::greenroom::Untyped),
    };
    let one = options.namespace.as_ref().is_none_or(|namespace| !is_pattern(namespace));
    let one = one.then(|| {
        quote! {
            #[automatically_derived]
            impl #impl_generics ::greenroom::handlers::OneNamespace for #name #type_generics #bounds {}
        }
    });
    let docs = docs::text(&input.attrs);
    let kinds = options
        .rooms
        .iter()
        .map(|room| quote_spanned!(span_of(room)=> ::greenroom::handlers::Hears::of::<#room>()));
    let pairs = options.rooms.iter().rev().fold(quote!(()), |rest, room| quote!((#room, #rest)));
    let listed = (!options.rooms.is_empty())
        .then(|| quote!(const ROOMS: &'static [::greenroom::handlers::Hears] = &[#(#kinds),*];));
    let rooms = options.rooms.iter().map(|room| sits(input, room));
    quote! {
        #[automatically_derived]
        impl #impl_generics ::greenroom::Handler for #name #type_generics #bounds {
            type State = #state;
            type Client = #client;
            type Rooms = #pairs;
            const NAMESPACE: &'static str = #namespace;
            const DOCS: &'static str = #docs;
            #listed
        }
        #one
        #(#rooms)*
    }
}

/// That its sockets may enter a kind of room, and that no event of the two has two answers.
fn sits(input: &DeriveInput, room: &Type) -> TokenStream {
    let name = &input.ident;
    let (impl_generics, type_generics, bounds) = input.generics.split_for_impl();
    let (handler, kind) = (name.to_string(), room.to_token_stream().to_string());
    // Of a generic handler the compiler knows the events only where it is used.
    let check = input.generics.params.is_empty().then(|| {
        quote_spanned! {span_of(room)=>
            const _: () = ::greenroom::__private::disjoint(
                #handler,
                <#name as ::greenroom::handlers::Events>::NAMES,
                #kind,
                <#room as ::greenroom::handlers::RoomEvents>::NAMES,
            );
        }
    });
    quote! {
        #[automatically_derived]
        impl #impl_generics ::greenroom::handlers::Sits<#room> for #name #type_generics #bounds {}
        #check
    }
}

/// The role survives a wrong option, so that the `#[events]` block next to it stays quiet.
pub(super) fn with_error(input: &DeriveInput, error: &Error) -> TokenStream {
    let error = error.to_compile_error();
    let handler = handler(input, &Options::default());
    quote!(#handler #error)
}
