//! `#[connected]` and `#[disconnect]`.

use proc_macro2::TokenStream;
use quote::quote;

use super::param::{Failing, pieces};
use crate::events::model::Method;

pub(super) fn connected(method: &Method) -> TokenStream {
    let body = body(method, &quote!(&mut *__lent.state));
    let run = match method.signature.asyncness {
        None => quote!({ #body __lent.give_back(); ::std::option::Option::None }),
        Some(_) => quote! {
            ::std::option::Option::Some(::std::boxed::Box::pin(async move { #body __lent.give_back(); }))
        },
    };
    quote! {
        const CONNECTED: ::std::option::Option<::greenroom::__private::Welcome<Self>> =
            ::std::option::Option::Some(|mut __lent, __cx| #run);
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
    let failing = Failing(&fail);
    let inject = quote!(::greenroom::__private::inject);
    let pieces: Vec<_> = method
        .params
        .iter()
        .enumerate()
        .map(|(place, param)| pieces(place, param, &quote!(&__cx), &inject, false, &failing))
        .collect();
    let (makes, passes) = (pieces.iter().map(|piece| &piece.make), pieces.iter().map(|piece| &piece.pass));
    let name = &method.signature.ident;
    let wait = method.signature.asyncness.map(|_| quote!(.await));
    quote! {
        '__hook: {
            let __me = #state;
            #(#makes)*
            Self::#name(__me, #(#passes),*) #wait;
        }
    }
}
