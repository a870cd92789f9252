//! `#[connected]`, `#[away]` and `#[disconnect]`.

use proc_macro2::TokenStream;
use quote::quote;

use super::param::{Pieces, Site};
use crate::events::model::Method;

pub(super) fn connected(method: &Method) -> TokenStream {
    let run = lent(method);
    quote! {
        const CONNECTED: ::std::option::Option<::greenroom::__private::Welcome<Self>> =
            ::std::option::Option::Some(|mut __lent, __cx| #run);
    }
}

pub(super) fn away(method: &Method) -> TokenStream {
    let run = lent(method);
    quote! {
        const AWAY: ::std::option::Option<::greenroom::__private::Absence<Self>> =
            ::std::option::Option::Some(|mut __lent, __cx, __reason| #run);
    }
}

/// Runs with the state, and gives it back.
fn lent(method: &Method) -> TokenStream {
    let body = body(method, &quote!(&mut *__lent.state));
    match method.signature.asyncness {
        None => quote!({ #body __lent.give_back(); ::std::option::Option::None }),
        Some(_) => quote! {
            ::std::option::Option::Some(::std::boxed::Box::pin(async move { #body __lent.give_back(); }))
        },
    }
}

pub(super) fn disconnect(method: &Method) -> TokenStream {
    let body = body(method, &quote!(&mut *__state));
    let run = match method.signature.asyncness {
        None => quote!({ #body ::std::option::Option::None }),
        Some(_) => quote!(::std::option::Option::Some(::std::boxed::Box::pin(async move { #body }))),
    };
    quote! {
        const DISCONNECT: ::std::option::Option<::greenroom::__private::Farewell<Self>> =
            ::std::option::Option::Some(|mut __state, __cx, __reason| #run);
    }
}

/// A hook whose arguments cannot be made does not run; the log says why.
fn body(method: &Method, state: &TokenStream) -> TokenStream {
    let attribute = method.role.attribute();
    let fail = quote!({
        ::greenroom::__private::hook_failed(&__cx, #attribute, &__error);
        break '__hook;
    });
    let site =
        Site { handle: quote!(&__cx), inject: quote!(::greenroom::__private::inject), fail, last: None };
    let Pieces { make, pass } = site.arguments(method);
    let name = &method.signature.ident;
    let wait = method.signature.asyncness.map(|_| quote!(.await));
    quote! {
        '__hook: {
            let __me = #state;
            #make
            Self::#name(__me, #pass) #wait;
        }
    }
}
