//! What `#[derive(Fault)]` writes.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{DeriveInput, Fields};

use super::parse::Kind;

pub(super) fn fault(input: &DeriveInput, kinds: &[Kind<'_>]) -> TokenStream {
    let name = &input.ident;
    let (impl_generics, type_generics, bounds) = input.generics.split_for_impl();
    let arms = kinds.iter().map(arm);
    let explain = quote_spanned! {name.span()=>
        let __message = ::greenroom::__private::message_of::<Self>(&self);
    };
    let told = name.to_string();
    let codes = kinds.iter().map(|kind| &kind.code);
    let body = if kinds.is_empty() {
        // Also what remains of a type that is no enum: one mistake, one message.
        quote!(::greenroom::Fault::new("internal", "internal error"))
    } else {
        quote! {
            #explain
            match &self { #(#arms)* }
        }
    };
    quote! {
        #[automatically_derived]
        impl #impl_generics ::greenroom::IntoFault for #name #type_generics #bounds {
            const CODES: ::std::option::Option<::greenroom::__private::Codes> =
                ::std::option::Option::Some(::greenroom::__private::Codes { name: #told, codes: &[#(#codes),*] });

            fn into_fault(self) -> ::greenroom::Fault {
                #body
            }
        }
    }
}

fn arm(kind: &Kind<'_>) -> TokenStream {
    let (variant, code) = (&kind.variant.ident, &kind.code);
    let fields = match kind.variant.fields {
        Fields::Unit => quote!(),
        Fields::Unnamed(_) => quote!((..)),
        Fields::Named(_) => quote!({ .. }),
    };
    if kind.hidden {
        quote!(Self::#variant #fields => ::greenroom::Fault::hidden(#code, __message),)
    } else {
        quote!(Self::#variant #fields => ::greenroom::Fault::new(#code, __message),)
    }
}

pub(super) fn both(expansion: &TokenStream, error: Option<&TokenStream>) -> TokenStream {
    quote!(#expansion #error)
}
