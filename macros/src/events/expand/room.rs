//! What `#[events]` writes for a room: the user's `impl`, and one of `RoomEvents`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Error, ReturnType, WherePredicate, parse_quote_spanned};

use super::{calls, catalogue, event};
use crate::events::model::{Block, Method, Role};
use crate::events::param::Source;
use crate::types::{generic_types, is_named, returned, span_of};

pub(super) fn block(block: &Block) -> TokenStream {
    let (item, room) = (&block.item, block.handler());
    let mut generics = item.generics.clone();
    if generics.params.is_empty() {
        // As for handlers: when the derive is missing, this one bound is reported.
        let bounds = bounds(block);
        generics.make_where_clause().predicates.extend(bounds);
    }
    let (impl_generics, _, bounds) = generics.split_for_impl();
    let body = body(block);
    let described = block.catalogue.then(|| catalogue::described(block, &generics));
    let (calls, calls_type) = (calls::calls(block, &generics), calls::calls_type(block, &generics));
    quote! {
        #item

        const _: () = {
            #calls

            #[automatically_derived]
            #[allow(clippy::all, unused_variables, unused_mut, unreachable_code)]
            impl #impl_generics ::greenroom::handlers::RoomEvents for #room #bounds {
                #calls_type

                #body
            }
        };

        #described
    }
}

/// What the block takes for granted: that it is a room's, and what its methods give is what the room keeps.
fn bounds(block: &Block) -> Vec<WherePredicate> {
    let room = block.handler();
    let span = span_of(room);
    let has = |role: fn(&Role) -> bool| block.methods.iter().find(|method| role(&method.role));
    let mut bounds = vec![parse_quote_spanned!(span=> #room: ::greenroom::Room)];
    if has(|role| matches!(role, Role::Joining)).is_none() {
        bounds.push(parse_quote_spanned!(span=> #room: ::greenroom::handlers::DefaultMember));
    }
    bounds.push(match has(|role| matches!(role, Role::Joined)) {
        None => parse_quote_spanned!(span=> #room: ::greenroom::handlers::DefaultSnapshot),
        Some(method) => match returned(&method.signature.output) {
            None => parse_quote_spanned!(span=> #room: ::greenroom::Room<Snapshot = ()>),
            Some(ty) => parse_quote_spanned!(span_of(ty)=> #room: ::greenroom::Room<Snapshot = #ty>),
        },
    });
    bounds
}

fn body(block: &Block) -> TokenStream {
    let names = super::names(block);
    let arms = block.events().map(|(event, method)| {
        let (name, conditions, entry) =
            (&event.name, &method.conditions, event::room_entry(block, event, method));
        quote!(#(#conditions)* #name => ::std::option::Option::Some(const { &#entry }),)
    });
    let hooks = block.methods.iter().map(hook);
    let ticks = block.methods.iter().filter_map(tick);
    let of = |role: fn(&Role) -> bool| block.methods.iter().find(|method| role(&method.role));
    let created = created(block, of(|role| matches!(role, Role::Created)));
    let joining = joining(of(|role| matches!(role, Role::Joining)));
    let joined = joined(of(|role| matches!(role, Role::Joined)));
    quote! {
        #names
        const TICKS: &'static [(::std::time::Duration, fn(&mut Self, &::greenroom::RoomCx<Self>))] = &[#(#ticks)*];
        #(#hooks)*

        fn lookup(__name: &str) -> ::std::option::Option<&'static ::greenroom::__private::RoomMethod<Self>> {
            match __name {
                #(#arms)*
                _ => ::std::option::Option::None,
            }
        }

        #created
        #joining
        #joined
    }
}

/// The call of a hook. What it is handed has these names: `__me`, `__cx`, `__who`, `__why`, `__socket`, `__join`.
fn call(method: &Method) -> TokenStream {
    let name = &method.signature.ident;
    let me = method.receiver.as_ref().map(|_| quote!(__me,));
    let params = method.params.iter().map(|param| match &param.source {
        Source::Member => quote!(__who),
        Source::Reason => quote!(__why),
        Source::Injected { lent: true, .. } => quote!(__socket),
        Source::Injected { .. } => quote!(::std::clone::Clone::clone(__socket)),
        Source::Join => quote_spanned!(span_of(&param.tokens.ty)=> __join),
        _ => quote!(__cx),
    });
    let wait = method.signature.asyncness.map(|_| quote!(.await));
    quote!(Self::#name(#me #(#params),*) #wait)
}

fn hook(method: &Method) -> TokenStream {
    let (call, conditions) = (call(method), &method.conditions);
    let of_member = quote!(fn(&mut Self, &::greenroom::RoomCx<Self>, &::greenroom::Member<Self>));
    let hook = match &method.role {
        Role::Left => quote! {
            const LEFT: ::std::option::Option<
                fn(&mut Self, &::greenroom::RoomCx<Self>, &::greenroom::Member<Self>, ::greenroom::Departure)
            > = ::std::option::Option::Some(|__me, __cx, __who, __why| { #call; });
        },
        Role::Away => quote! {
            const AWAY: ::std::option::Option<#of_member> =
                ::std::option::Option::Some(|__me, __cx, __who| { #call; });
        },
        Role::Back => quote! {
            const BACK: ::std::option::Option<#of_member> =
                ::std::option::Option::Some(|__me, __cx, __who| { #call; });
        },
        Role::Empty => quote! {
            const EMPTY: ::std::option::Option<fn(&mut Self, &::greenroom::RoomCx<Self>) -> ::greenroom::Linger> =
                ::std::option::Option::Some(|__me, __cx| #call);
        },
        Role::Closed => quote! {
            const CLOSED: ::std::option::Option<
                fn(::greenroom::__private::RoomLent<Self>, ::greenroom::RoomCx<Self>) -> ::greenroom::__private::RoomTask
            > = ::std::option::Option::Some(|mut __lent, __cx| ::std::boxed::Box::pin(async move {
                let (__me, __cx) = (&mut *__lent.state, &__cx);
                #call;
                __lent.give_back();
            }));
        },
        _ => return TokenStream::new(),
    };
    quote!(#(#conditions)* #hook)
}

fn tick(method: &Method) -> Option<TokenStream> {
    let Role::Every(millis) = method.role else { return None };
    let (call, conditions) = (call(method), &method.conditions);
    Some(quote!(#(#conditions)* (::std::time::Duration::from_millis(#millis), |__me, __cx| { #call; }),))
}

/// `Result<T, E>` as `Result<T, Fault>`, and `T` as `Ok`.
fn or_fault(output: &ReturnType) -> TokenStream {
    match returned(output) {
        Some(ty) if is_named(ty, "Result") => match generic_types(ty).get(1) {
            Some(error) => {
                quote_spanned!(span_of(error)=> __out.map_err(::greenroom::__private::fault_of::<#error>))
            }
            None => quote_spanned!(span_of(ty)=> __out.map_err(::greenroom::__private::fault_of)),
        },
        _ => quote!(::std::result::Result::Ok(__out)),
    }
}

fn created(block: &Block, method: Option<&Method>) -> TokenStream {
    let body = match method {
        Some(method) => {
            let (call, result) = (call(method), or_fault(&method.signature.output));
            quote!(let __cx = &__cx; let __out = #call; #result)
        }
        None => {
            let room = block.handler();
            quote_spanned!(span_of(room)=> ::std::result::Result::Ok(<#room as ::greenroom::handlers::DefaultRoom>::start()))
        }
    };
    quote! {
        fn created(
            __cx: ::greenroom::RoomCx<Self>,
        ) -> ::greenroom::__private::LocalBoxFuture<'static, ::std::result::Result<Self, ::greenroom::Fault>> {
            ::std::boxed::Box::pin(async move { #body })
        }
    }
}

fn joining(method: Option<&Method>) -> TokenStream {
    let body = match method {
        Some(method) => {
            let (call, result) = (call(method), or_fault(&method.signature.output));
            quote!(let __me = self; let __out = #call; #result)
        }
        None => quote! {
            ::std::result::Result::Ok(<Self as ::greenroom::handlers::DefaultMember>::member(__join))
        },
    };
    quote! {
        fn joining(
            &mut self,
            __cx: &::greenroom::RoomCx<Self>,
            __socket: &::greenroom::Socket,
            __join: <Self as ::greenroom::Room>::Join,
        ) -> ::std::result::Result<<Self as ::greenroom::Room>::Member, ::greenroom::Fault> {
            #body
        }
    }
}

fn joined(method: Option<&Method>) -> TokenStream {
    let body = match method {
        Some(method) => {
            let call = call(method);
            quote!(let __me = self; #call)
        }
        None => quote!(<Self as ::greenroom::handlers::DefaultSnapshot>::snapshot()),
    };
    quote! {
        fn joined(
            &mut self,
            __cx: &::greenroom::RoomCx<Self>,
            __who: &::greenroom::Member<Self>,
        ) -> <Self as ::greenroom::Room>::Snapshot {
            #body
        }
    }
}

/// The user's item, an empty table, and what is wrong.
pub(super) fn with_error(block: &Block, error: &Error) -> TokenStream {
    let (item, room) = (&block.item, block.handler());
    let error = error.to_compile_error();
    let (impl_generics, _, bounds) = item.generics.split_for_impl();
    let table = item.trait_.is_none().then(|| {
        quote_spanned! {span_of(room)=>
            #[automatically_derived]
            impl #impl_generics ::greenroom::handlers::RoomEvents for #room #bounds {
                ::greenroom::__testing! { type Calls = ::greenroom::testing::RawCalls; }

                const NAMES: &'static [&'static str] = &[];

                fn lookup(_: &str) -> ::std::option::Option<&'static ::greenroom::__private::RoomMethod<Self>> {
                    ::std::option::Option::None
                }

                fn created(
                    _: ::greenroom::RoomCx<Self>,
                ) -> ::greenroom::__private::LocalBoxFuture<'static, ::std::result::Result<Self, ::greenroom::Fault>> {
                    ::std::unreachable!()
                }

                fn joining(
                    &mut self,
                    _: &::greenroom::RoomCx<Self>,
                    _: &::greenroom::Socket,
                    _: <Self as ::greenroom::Room>::Join,
                ) -> ::std::result::Result<<Self as ::greenroom::Room>::Member, ::greenroom::Fault> {
                    ::std::unreachable!()
                }

                fn joined(
                    &mut self,
                    _: &::greenroom::RoomCx<Self>,
                    _: &::greenroom::Member<Self>,
                ) -> <Self as ::greenroom::Room>::Snapshot {
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
