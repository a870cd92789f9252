//! What `#[events]` writes: the user's `impl`, and one of `Events`.

mod calls;
mod catalogue;
mod connect;
mod event;
mod hook;
mod param;
mod room;

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Error, WherePredicate, parse_quote_spanned};

use super::model::{Block, Method, Role};
use crate::types::span_of;

pub(super) fn block(block: &Block) -> TokenStream {
    if block.is_room {
        return room::block(block);
    }
    let (item, handler) = (&block.item, block.handler());
    let arms = block.events().map(|(event, method)| {
        let (name, conditions) = (&event.name, &method.conditions);
        let entry = event::entry(block, event, method);
        quote!(#(#conditions)* #name => ::std::option::Option::Some(const { &#entry }),)
    });
    let names = names(block);
    let hooks = block.methods.iter().map(|method| hook(block, method));
    let connect = default_connect(block);
    let mut generics = item.generics.clone();
    if generics.params.is_empty() {
        // Trivially true, but when the derive is missing the compiler reports this one bound and takes it as given inside.
        let bound: WherePredicate = parse_quote_spanned!(span_of(handler)=> #handler: ::greenroom::Handler);
        generics.make_where_clause().predicates.push(bound);
    }
    let (impl_generics, _, bounds) = generics.split_for_impl();
    let described = block.catalogue.then(|| catalogue::described(block, &generics));
    let calls = calls::calls(block, &generics);
    let calls_type = calls::calls_type(block, &generics);
    quote! {
        #item

        const _: () = {
            #calls

            #[automatically_derived]
            #[allow(clippy::all, unused_variables, unused_mut, unreachable_code)]
            impl #impl_generics ::greenroom::handlers::Events for #handler #bounds {
                #calls_type

                #names

                #(#hooks)*

                fn lookup(__name: &str) -> ::std::option::Option<&'static ::greenroom::__private::Method<Self>> {
                    match __name {
                        #(#arms)*
                        _ => ::std::option::Option::None,
                    }
                }

                #connect
            }
        };

        #described
    }
}

/// The events that are answered by name.
fn names(block: &Block) -> TokenStream {
    let names = block.events().map(|(event, method)| {
        let (name, conditions) = (&event.name, &method.conditions);
        quote!(#(#conditions)* #name,)
    });
    quote!(const NAMES: &'static [&'static str] = &[#(#names)*];)
}

/// What a method that is no event is in the table, where the method itself is compiled.
fn hook(block: &Block, method: &Method) -> TokenStream {
    let conditions = &method.conditions;
    let hook = match method.role {
        Role::Event(_) => return TokenStream::new(),
        Role::Connect => connect::method(method),
        Role::Connected => hook::connected(method),
        Role::Away => hook::away(method),
        Role::Recovered => connect::recovered(method),
        Role::Disconnect => hook::disconnect(method),
        Role::Fallback => event::fallback(block, method),
        // Of rooms.
        _ => return TokenStream::new(),
    };
    quote!(#(#conditions)* #hook)
}

/// How a connection starts where no `#[connect]` is compiled.
fn default_connect(block: &Block) -> TokenStream {
    let default = connect::default(block.handler());
    let connects = block.methods.iter().filter(|method| matches!(method.role, Role::Connect));
    let compiled: Vec<_> = connects.map(condition).collect();
    match &compiled[..] {
        [] => default,
        compiled => quote!(#[cfg(not(any(#(#compiled),*)))] #default),
    }
}

/// All `#[cfg]`s of a method as one predicate.
fn condition(method: &Method) -> TokenStream {
    let lists = method.conditions.iter().filter_map(|condition| condition.meta.require_list().ok());
    let predicates = lists.map(|list| &list.tokens);
    quote!(all(#(#predicates),*))
}

/// The user's item, an empty table, and what is wrong: one mistake is one message.
pub(super) fn with_error(block: &Block, error: &Error) -> TokenStream {
    if block.is_room {
        return room::with_error(block, error);
    }
    let (item, handler) = (&block.item, block.handler());
    let error = error.to_compile_error();
    let (impl_generics, _, bounds) = item.generics.split_for_impl();
    let table = item.trait_.is_none().then(|| {
        quote_spanned! {span_of(handler)=>
            #[automatically_derived]
            impl #impl_generics ::greenroom::handlers::Events for #handler #bounds {
                ::greenroom::__testing! { type Calls = ::greenroom::testing::RawCalls; }

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
