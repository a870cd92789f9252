//! What `#[client]` writes: a struct generic over who is sent to, with an inherent method per event.
//!
//! Inherent, so that no trait has to be imported and a misspelled event is the compiler's own "there is a method with a similar
//! name".

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::{Attribute, Error, ItemTrait, Type};

use super::next;
use super::parse::Event;
use crate::types::{has_lifetimes, returned, span_of};

pub(super) fn contract(contract: &ItemTrait, events: &[Event<'_>]) -> TokenStream {
    let name = &contract.ident;
    let declaration = declaration(contract, Some(events));
    let methods = events.iter().map(method);
    quote! {
        #declaration

        #[automatically_derived]
        #[allow(dead_code)]
        impl<__T: ::greenroom::Target> #name<__T> {
            /// How long an answer is waited for.
            #[must_use]
            pub fn timeout(self, timeout: ::std::time::Duration) -> Self {
                Self(::greenroom::Target::timeout(self.0, timeout))
            }

            /// Drop the event for clients that cannot take it at once.
            #[must_use]
            pub fn volatile(self) -> Self {
                Self(::greenroom::Target::volatile(self.0))
            }

            #(#methods)*
        }

        #[automatically_derived]
        #[allow(dead_code)]
        impl #name<::greenroom::Broadcast> {
            /// Leaves out the members of a room, or one socket by its id.
            #[must_use]
            pub fn except(self, room: impl ::std::fmt::Display) -> Self {
                Self(self.0.except(::std::string::ToString::to_string(&room)))
            }
        }
    }
}

/// Without events, when there is a mistake in them.
fn declaration(contract: &ItemTrait, events: Option<&[Event<'_>]>) -> TokenStream {
    let (name, visibility) = (&contract.ident, &contract.vis);
    let docs = docs(&contract.attrs);
    let next = events.map(|events| next::next(name, events));
    let next_type = match events {
        Some(_) => next::name(name).into_token_stream(),
        None => quote!(()),
    };
    quote! {
        #(#docs)*
        #[derive(Clone, Debug)]
        #[must_use = "nothing is sent before an event is named"]
        #visibility struct #name<__T = ()>(__T);

        const _: () = {
            #next

            #[automatically_derived]
            impl ::greenroom::Contract for #name {
                type To<__T: ::greenroom::Target> = #name<__T>;
                ::greenroom::__testing! { type Next = #next_type; }

                fn to<__T: ::greenroom::Target>(target: __T) -> #name<__T> {
                    #name(target)
                }
            }
        };
    }
}

pub(super) fn docs(attrs: &[Attribute]) -> Vec<&Attribute> {
    attrs.iter().filter(|attr| !attr.path().is_ident("event")).collect()
}

fn method(event: &Event<'_>) -> TokenStream {
    let signature = &event.method.sig;
    let (ident, name) = (&signature.ident, &event.name);
    let docs = docs(&event.method.attrs);
    let params = event.params.iter().map(|(param, ty)| quote!(#param: #ty));
    let bounds: Vec<_> = event.params.iter().filter_map(|(_, ty)| bound(ty)).collect();
    let args = event.params.iter().map(|(param, ty)| argument(param, ty));
    let args = quote! {
        let __list = ::greenroom::__private::Empty;
        #(#args)*
    };
    if signature.asyncness.is_none() {
        return quote! {
            #(#docs)*
            pub fn #ident(&self, #(#params),*)
            where
                #(#bounds,)*
            {
                #args
                ::greenroom::Target::emit(&self.0, #name, __list);
            }
        };
    }
    let answer =
        returned(&signature.output).map_or_else(|| quote!(()), |ty| quote_spanned!(span_of(ty)=> #ty));
    quote! {
        #(#docs)*
        pub fn #ident(&self, #(#params),*) -> __T::Answer<#answer>
        where
            #(#bounds,)*
        {
            #args
            ::greenroom::Target::ask(&self.0, #name, __list)
        }
    }
}

/// A type that cannot be sent is reported once, here, and taken as sendable inside. Bounds cannot name lifetimes that nobody declared.
fn bound(ty: &Type) -> Option<TokenStream> {
    let ty = match ty {
        Type::Reference(reference) => &*reference.elem,
        ty => ty,
    };
    (!has_lifetimes(ty)).then(|| quote_spanned!(span_of(ty)=> #ty: ::greenroom::handlers::Outgoing))
}

fn argument(param: &syn::Ident, ty: &Type) -> TokenStream {
    match ty {
        Type::Reference(reference) => {
            let ty = &reference.elem;
            quote_spanned!(span_of(ty)=> let __list = ::greenroom::__private::and::<_, #ty>(__list, #param);)
        }
        ty => {
            quote_spanned!(span_of(ty)=> let __list = ::greenroom::__private::and::<_, #ty>(__list, &#param);)
        }
    }
}

/// The type survives a mistake, so that its users stay quiet.
pub(super) fn with_error(contract: &ItemTrait, error: &Error) -> TokenStream {
    let declaration = declaration(contract, None);
    let error = error.to_compile_error();
    quote!(#declaration #error)
}
