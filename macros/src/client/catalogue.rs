//! What `#[client(catalogue)]` writes besides: the events, described. Nothing remains of it without the feature `catalogue`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Ident, ItemTrait, Type};

use super::parse::Event;
use crate::docs;
use crate::types::{returned, span_of};

pub(super) fn described(contract: &ItemTrait, events: &[Event<'_>]) -> TokenStream {
    let name = &contract.ident;
    let events = events.iter().map(event);
    quote! {
        ::greenroom::__catalogue! {
            #[automatically_derived]
            #[allow(clippy::all)]
            impl ::greenroom::catalogue::ClientEvents for #name {
                fn describe(__space: &mut ::greenroom::catalogue::Space<'_>) {
                    #(#events)*
                }
            }
        }
    }
}

fn event(event: &Event<'_>) -> TokenStream {
    let (name, docs) = (&event.name, docs::text(&event.method.attrs));
    let conditions = event.method.attrs.iter().filter(|attr| attr.path().is_ident("cfg"));
    let arguments = event.params.iter().map(|(param, ty)| argument(param, ty));
    let signature = &event.method.sig;
    let answer = signature.asyncness.map(|_| match returned(&signature.output) {
        Some(ty) => quote_spanned!(span_of(ty)=> __event.answers::<#ty>();),
        None => quote!(__event.answers::<()>();),
    });
    quote! {
        #(#conditions)*
        __space.sends(#name, #docs, |__event| {
            #(#arguments)*
            #answer
        });
    }
}

fn argument(param: &Ident, ty: &Type) -> TokenStream {
    let name = param.unraw().to_string();
    let ty = match ty {
        Type::Reference(reference) => &*reference.elem,
        ty => ty,
    };
    quote_spanned!(span_of(ty)=> __event.argument::<#ty>(#name);)
}
