//! Where a handler's value comes from.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Type;

use super::param::{Pieces, Site};
use crate::events::model::Method;
use crate::types::{generic_types, is_named, returned, span_of};

/// Without `#[connect]`: `Default`.
pub(super) fn default(handler: &Type) -> TokenStream {
    quote_spanned! {span_of(handler)=>
        fn connect(_: ::greenroom::Connect<Self>) -> ::greenroom::__private::Starting<Self> {
            ::greenroom::__private::Starting::Now(::std::result::Result::Ok(<#handler as ::greenroom::handlers::DefaultStart>::start()))
        }
    }
}

pub(super) fn method(method: &Method) -> TokenStream {
    let site = Site {
        handle: quote!(&__cx),
        inject: quote!(::greenroom::__private::started),
        fail: quote!(break '__connect ::std::result::Result::Err(__error)),
        last: None,
    };
    let Pieces { make, pass } = site.arguments(method);
    let name = &method.signature.ident;
    let wait = method.signature.asyncness.map(|_| quote!(.await));
    let result = result(method);
    let body = quote! {
        '__connect: {
            #make
            let __out = Self::#name(#pass) #wait;
            #result
        }
    };
    let starting = match method.signature.asyncness {
        None => quote!(Now(#body)),
        Some(_) => quote!(Later(::std::boxed::Box::pin(async move { #body }))),
    };
    quote! {
        fn connect(__cx: ::greenroom::Connect<Self>) -> ::greenroom::__private::Starting<Self> {
            ::greenroom::__private::Starting::#starting
        }
    }
}

/// `#[recovered]`: what a client that is back is checked with.
pub(super) fn recovered(method: &Method) -> TokenStream {
    let site = Site {
        handle: quote!(&__cx),
        inject: quote!(::greenroom::__private::started),
        fail: quote!(break '__recovered ::std::result::Result::Err(__error)),
        last: None,
    };
    let Pieces { make, pass } = site.arguments(method);
    let name = &method.signature.ident;
    let wait = method.signature.asyncness.map(|_| quote!(.await));
    let result = match returned(&method.signature.output).map(generic_types).as_deref() {
        None => quote!(::std::result::Result::<(), ::greenroom::Refuse>::Ok(__out)),
        Some([_, error, ..]) => {
            quote_spanned!(span_of(error)=> ::greenroom::__private::refuse_with::<(), #error>(__out))
        }
        Some(_) => quote!(::greenroom::__private::refuse_with::<(), _>(__out)),
    };
    quote! {
        const RECOVERED: ::std::option::Option<::greenroom::__private::Return<Self>> =
            ::std::option::Option::Some(|mut __lent, __cx| ::std::boxed::Box::pin(async move {
                let __verdict = '__recovered: {
                    let __me = &mut *__lent.state;
                    #make
                    let __out = Self::#name(__me, #pass) #wait;
                    #result
                };
                // Refused it is away again, with its state.
                __lent.give_back();
                __verdict
            }));
    }
}

fn result(method: &Method) -> TokenStream {
    let Some(ty) = returned(&method.signature.output) else { return TokenStream::new() };
    let span = span_of(ty);
    if !is_named(ty, "Result") {
        return quote_spanned!(span=> ::std::result::Result::<Self, ::greenroom::Refuse>::Ok(__out));
    }
    match generic_types(ty).get(1) {
        Some(error) => {
            quote_spanned!(span_of(error)=> ::greenroom::__private::refuse_with::<Self, #error>(__out))
        }
        None => quote_spanned!(span=> ::greenroom::__private::refuse_with::<Self, _>(__out)),
    }
}
