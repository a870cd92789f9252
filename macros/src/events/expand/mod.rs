//! What `#[events]` writes: the user's `impl`, and one of `Events`.

mod connect;
mod event;
mod hook;
mod param;

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Error, WherePredicate, parse_quote_spanned};

use super::model::{Block, Role};
use crate::types::span_of;

pub(super) fn block(block: &Block) -> TokenStream {
    let (item, handler) = (&block.item, block.handler());
    let names = block.events().map(|(event, method)| {
        let (name, conditions) = (&event.name, &method.conditions);
        quote!(#(#conditions)* #name)
    });
    let arms = block.events().map(|(event, method)| {
        let (name, conditions) = (&event.name, &method.conditions);
        let entry = event::entry(block, event, method);
        quote!(#(#conditions)* #name => ::std::option::Option::Some(const { &#entry }),)
    });
    let fallback =
        block.find(|role| matches!(role, Role::Fallback)).map(|method| event::fallback(block, method));
    let connect = match block.find(|role| matches!(role, Role::Connect)) {
        Some(method) => connect::method(method),
        None => connect::default(handler),
    };
    let connected = block.find(|role| matches!(role, Role::Connected)).map(hook::connected);
    let disconnect = block.find(|role| matches!(role, Role::Disconnect)).map(hook::disconnect);
    let mut generics = item.generics.clone();
    if generics.params.is_empty() {
        // Trivially true, but when the derive is missing the compiler reports this one bound and takes it as given inside.
        let bound: WherePredicate = parse_quote_spanned!(span_of(handler)=> #handler: ::greenroom::Handler);
        generics.make_where_clause().predicates.push(bound);
    }
    let (impl_generics, _, bounds) = generics.split_for_impl();
    quote! {
        #item

        #[automatically_derived]
        #[allow(clippy::all, unused_variables, unused_mut, unreachable_code)]
        impl #impl_generics ::greenroom::handlers::Events for #handler #bounds {
            const NAMES: &'static [&'static str] = &[#(#names),*];
            #fallback
            #connected
            #disconnect

            fn lookup(__name: &str) -> ::std::option::Option<&'static ::greenroom::__private::Method<Self>> {
                match __name {
                    #(#arms)*
                    _ => ::std::option::Option::None,
                }
            }

            #connect
        }
    }
}

/// The user's item, an empty table, and what is wrong: one mistake is one message.
pub(super) fn with_error(block: &Block, error: &Error) -> TokenStream {
    let (item, handler) = (&block.item, block.handler());
    let error = error.to_compile_error();
    let (impl_generics, _, bounds) = item.generics.split_for_impl();
    let table = item.trait_.is_none().then(|| {
        quote_spanned! {span_of(handler)=>
            #[automatically_derived]
            impl #impl_generics ::greenroom::handlers::Events for #handler #bounds {
                const NAMES: &'static [&'static str] = &[];

                fn lookup(_: &str) -> ::std::option::Option<&'static ::greenroom::__private::Method<Self>> {
                    ::std::option::Option::None
                }

                fn connect(_: ::greenroom::Connect<Self>) -> ::greenroom::__private::Starting<Self> {
                    ::std::unreachable!()
                }
            }
        }
    });
    quote! {
        #[allow(dead_code)]
        #item
        #table
        #error
    }
}
