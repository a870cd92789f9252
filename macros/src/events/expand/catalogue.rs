//! What `#[events(catalogue)]` writes besides: the block's events, described. Nothing remains of it without the feature `catalogue`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Generics, Type};

use crate::events::model::{Block, Event, Method, Role};
use crate::events::param::{Param, Source, anonymous};
use crate::types::{generic_types, is_named, last_ident, returned, span_of};

pub(super) fn described(block: &Block, generics: &Generics) -> TokenStream {
    let handler = block.handler();
    let name = last_ident(handler).map(ToString::to_string).unwrap_or_default();
    let connect = block.methods.iter().filter(|method| matches!(method.role, Role::Connect)).map(connect);
    let events = block.events().map(|(named, method)| event(block, named, method));
    let role = if block.is_room { quote!(Room) } else { quote!(Handler) };
    let described = if block.is_room { quote!(DescribedRoom) } else { quote!(Described) };
    let named = (!block.is_room).then(|| quote!(__space.named(#name);));
    let client =
        quote_spanned!(span_of(handler)=> __space.client::<<#handler as ::greenroom::#role>::Client>(););
    let rooms = (!block.is_room).then(
        || quote_spanned!(span_of(handler)=> __space.rooms::<<#handler as ::greenroom::Handler>::Rooms>();),
    );
    let (impl_generics, _, bounds) = generics.split_for_impl();
    quote! {
        ::greenroom::__catalogue! {
            #[automatically_derived]
            #[allow(clippy::all)]
            impl #impl_generics ::greenroom::catalogue::#described for #handler #bounds {
                fn describe(__space: &mut ::greenroom::catalogue::Space<'_>) {
                    #named
                    #(#connect)*
                    #(#events)*
                    #client
                    #rooms
                }
            }
        }
    }
}

/// What a client gives as `auth`, and what it may be refused with.
fn connect(method: &Method) -> TokenStream {
    let conditions = &method.conditions;
    let auth = method.params.iter().filter_map(|param| match &param.source {
        Source::Injected { ty, .. } if is_named(ty, "Auth") => generic_types(ty).first().copied(),
        _ => None,
    });
    let auth = auth.map(|ty| {
        let ty = anonymous(ty);
        quote_spanned!(span_of(&ty)=> #(#conditions)* __space.auth::<#ty>();)
    });
    let result = returned(&method.signature.output).filter(|ty| is_named(ty, "Result"));
    let refuses = result.map(|ty| {
        let error = error(ty);
        quote_spanned!(span_of(ty)=> #(#conditions)* __space.refuses::<#error>();)
    });
    quote!(#(#auth)* #refuses)
}

fn event(block: &Block, event: &Event, method: &Method) -> TokenStream {
    let (name, docs, conditions) = (&event.name, &method.docs, &method.conditions);
    let arguments = method.params.iter().map(argument);
    let guards = block.guards.iter().chain(&event.guards);
    let asks = if block.is_room { quote!(room_guard) } else { quote!(guard) };
    let guards = guards.map(|guard| quote_spanned!(span_of(guard)=> __event.#asks::<Self, _, _>(#guard);));
    let of_room = block.is_room.then(|| quote!(__event.of_room::<Self>();));
    let answer = answer(method);
    quote! {
        #(#conditions)*
        __space.hears(#name, #docs, |__event| {
            #of_room
            #(#arguments)*
            #(#guards)*
            #answer
        });
    }
}

fn argument(param: &Param) -> TokenStream {
    let (name, span) = (&param.name, span_of(&param.tokens.ty));
    match &param.source {
        Source::Text => quote!(__event.argument::<str>(#name);),
        Source::OptionalText => quote!(__event.optional::<str>(#name);),
        Source::Payload { ty, optional: true, .. } => match generic_types(ty).first() {
            Some(inner) => quote_spanned!(span=> __event.optional::<#inner>(#name);),
            None => quote_spanned!(span=> __event.optional::<#ty>(#name);),
        },
        Source::Payload { ty, .. } => quote_spanned!(span=> __event.argument::<#ty>(#name);),
        Source::Rest(ty) => {
            let inner = generic_types(ty).into_iter().map(anonymous);
            quote_spanned!(span=> #(__event.rest::<#inner>(#name);)*)
        }
        Source::Cursor => quote!(__event.rest::<::greenroom::Value>(#name);),
        Source::Ack => match generic_types(&param.tokens.ty).first() {
            Some(ty) => {
                let ty = anonymous(ty);
                quote_spanned!(span_of(&ty)=> __event.answers::<#ty>();)
            }
            None => TokenStream::new(),
        },
        Source::Handle
        | Source::EventName
        | Source::Injected { .. }
        | Source::Reason
        | Source::Member
        | Source::Join => TokenStream::new(),
    }
}

fn answer(method: &Method) -> TokenStream {
    let Some(ty) = returned(&method.signature.output) else { return TokenStream::new() };
    let span = span_of(ty);
    if !is_named(ty, "Result") {
        let ty = anonymous(ty);
        return quote_spanned!(span=> __event.answers::<#ty>(););
    }
    let (good, bad) = (good(ty), error(ty));
    quote_spanned!(span=> __event.checks::<#good>(); __event.fails::<#bad>();)
}

/// `T` of `Result<T, E>`, also where an alias does not spell it.
fn good(ty: &Type) -> TokenStream {
    match generic_types(ty).first() {
        Some(good) => {
            let good = anonymous(good);
            quote_spanned!(span_of(&good)=> #good)
        }
        None => quote_spanned!(span_of(ty)=> <#ty as ::greenroom::catalogue::Fallible>::Good),
    }
}

/// `E` of `Result<T, E>`, also where an alias does not spell it.
fn error(ty: &Type) -> TokenStream {
    match generic_types(ty).get(1) {
        Some(error) => quote_spanned!(span_of(error)=> #error),
        None => {
            let ty = anonymous(ty);
            quote_spanned!(span_of(&ty)=> <#ty as ::greenroom::catalogue::Fallible>::Bad)
        }
    }
}
