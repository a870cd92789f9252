//! What `#[derive(Room)]` writes.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{DeriveInput, Error, Type};

use super::check::POLICIES;
use super::parse::Options;
use crate::names::snake_case;
use crate::types::span_of;

pub(super) fn room(input: &DeriveInput, options: &Options) -> TokenStream {
    let ident = &input.ident;
    let (impl_generics, type_generics, bounds) = input.generics.split_for_impl();
    let name = options.name.as_ref().map_or_else(|| snake_case(&ident.to_string()), syn::LitStr::value);
    let key = or(options.key.as_ref(), quote!(::std::string::String));
    let member = or(options.member.as_ref(), quote!(()));
    let join = or(options.join.as_ref(), quote!(()));
    let snapshot = or(options.snapshot.as_ref(), quote!(()));
    let client = or(options.client.as_ref(), quote!(::greenroom::Untyped));
    let address = if options.addressed { quote!(ByKey) } else { quote!(BySeat) };
    let figures = figures(options);
    quote! {
        #[automatically_derived]
        impl #impl_generics ::greenroom::Room for #ident #type_generics #bounds {
            type Key = #key;
            type Member = #member;
            type Join = #join;
            type Snapshot = #snapshot;
            type Client = #client;
            type Address = ::greenroom::handlers::#address;
            const NAME: &'static str = #name;
            #figures
        }
    }
}

fn or(ty: Option<&Type>, default: TokenStream) -> TokenStream {
    ty.map_or(default, |ty| quote_spanned!(span_of(ty)=> #ty))
}

/// What differs from the trait's defaults.
fn figures(options: &Options) -> TokenStream {
    let millis = |millis: u64| quote!(::std::time::Duration::from_millis(#millis));
    let capacity = options.capacity.iter().map(|n| quote!(const CAPACITY: usize = #n;));
    let mailbox = options.mailbox.iter().map(|n| quote!(const MAILBOX: usize = #n;));
    let max = options.max.iter().map(|n| quote!(const MAX: usize = #n;));
    let linger = options.linger.map(millis);
    let linger = linger.iter().map(|linger| quote!(const LINGER: ::std::time::Duration = #linger;));
    let patience = options.enter_timeout.map(millis);
    let patience = patience.iter().map(|time| quote!(const ENTER_TIMEOUT: ::std::time::Duration = #time;));
    let sequenced = options.sequenced.then(|| {
        quote!(
            const SEQUENCED: bool = true;
        )
    });
    let restart = options.restart.as_ref().map(|restart| {
        let (max, within, backoff) = (restart.max, millis(restart.within), millis(restart.backoff));
        quote! {
            const RESTART: ::greenroom::Restart =
                ::greenroom::Restart { max: #max, within: #within, backoff: #backoff };
        }
    });
    let on_panic = options.on_panic.as_ref().map(|policy| {
        let policy = policy_of(policy);
        quote!(const ON_PANIC: ::greenroom::OnPanic = ::greenroom::OnPanic::#policy;)
    });
    quote!(#(#capacity)* #(#mailbox)* #(#max)* #(#linger)* #(#patience)* #sequenced #restart #on_panic)
}

fn policy_of(word: &Ident) -> Ident {
    let known = POLICIES.iter().find(|(known, _)| word == known);
    format_ident!("{}", known.map_or("Fresh", |(_, policy)| policy))
}

/// The role survives a wrong option, so that the `#[events]` block next to it stays quiet.
pub(super) fn with_error(input: &DeriveInput, error: &Error) -> TokenStream {
    let error = error.to_compile_error();
    let room = room(input, &Options { key: None, ..Options::default() });
    quote!(#room #error)
}
