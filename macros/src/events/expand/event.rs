//! The entry of one event: guards, arguments, the method, its answer.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Expr, Type};

use super::param::{Pieces, Site};
use crate::events::model::{Block, Event, Method};
use crate::events::param::Source;
use crate::types::{generic_types, is_named, returned, span_of};

pub(super) fn entry(block: &Block, event: &Event, method: &Method) -> TokenStream {
    table_entry(method, &Guards::of(block, event), event.strict)
}

pub(super) fn fallback(block: &Block, method: &Method) -> TokenStream {
    let guards = Guards { list: block.guards.iter().collect(), of_room: false };
    let entry = table_entry(method, &guards, false);
    quote! {
        const FALLBACK: ::std::option::Option<::greenroom::__private::Method<Self>> = ::std::option::Option::Some(#entry);
    }
}

/// The entry of an event of a room.
pub(super) fn room_entry(block: &Block, event: &Event, method: &Method) -> TokenStream {
    let guards = Guards::of(block, event);
    let run = match method.signature.asyncness {
        None => sync(method, &guards, event.strict),
        Some(_) => exclusive(method, &guards, event.strict),
    };
    quote!(::greenroom::__private::RoomMethod { run: ::greenroom::__private::RoomRun::#run })
}

fn table_entry(method: &Method, guards: &Guards<'_>, strict: bool) -> TokenStream {
    let run = match (&method.receiver, method.signature.asyncness) {
        (Some(_), None) => sync(method, guards, strict),
        (Some(_), Some(_)) => exclusive(method, guards, strict),
        (None, _) => free(method, guards, strict),
    };
    quote!(::greenroom::__private::Method { run: ::greenroom::__private::Run::#run })
}

/// `&mut self`: in place.
fn sync(method: &Method, guards: &Guards<'_>, strict: bool) -> TokenStream {
    let (guards, body) = (guards.written(), body(method, strict));
    quote! {
        Sync(|__me, __call| '__event: { #guards #body })
    }
}

/// `async`, `&mut self`: the state moves into the future and comes back. The future owns the packet too, so that arguments may be
/// borrowed from it across `.await`.
fn exclusive(method: &Method, guards: &Guards<'_>, strict: bool) -> TokenStream {
    let (guards, body) = (guards.written(), body(method, strict));
    quote! {
        Exclusive(|mut __lent, __call| ::std::boxed::Box::pin(async move {
            let __outcome = '__event: {
                let __me = &mut *__lent.state;
                let __call = &__call;
                #guards
                #body
            };
            __call.close(&__outcome);
            __lent.give_back();
        }))
    }
}

/// No receiver: beside the socket's other events. Guards see the state before.
fn free(method: &Method, guards: &Guards<'_>, strict: bool) -> TokenStream {
    let (written, body) = (guards.written(), body(method, strict));
    let guards = (!written.is_empty()).then(|| {
        quote! {
            let __refused = '__event: {
                let __call = &__call;
                #written
                __call.passed()
            };
            if let ::std::option::Option::Some(__outcome) = __refused.failure() {
                __call.close(&__outcome);
                return ::std::option::Option::None;
            }
        }
    });
    let outcome = quote! {
        let __outcome = '__event: {
            let __call = &__call;
            #body
        };
        __call.close(&__outcome);
    };
    if method.signature.asyncness.is_none() {
        return quote!(Free(|__me, __call| { #guards #outcome ::std::option::Option::None }));
    }
    quote! {
        Free(|__me, __call| {
            #guards
            ::std::option::Option::Some(::std::boxed::Box::pin(async move { #outcome }))
        })
    }
}

fn fail() -> TokenStream {
    quote!(break '__event __call.fail(__error))
}

/// Asked one after the other, those of the block first.
struct Guards<'a> {
    list: Vec<&'a Expr>,
    /// Then they are told who sends the event.
    of_room: bool,
}

impl<'a> Guards<'a> {
    fn of(block: &'a Block, event: &'a Event) -> Self {
        Self { list: block.guards.iter().chain(&event.guards).collect(), of_room: block.is_room }
    }

    fn written(&self) -> TokenStream {
        let fail = fail();
        let who = self.of_room.then(|| quote!(, __call.member()));
        let guards = self.list.iter().map(|guard| {
            quote_spanned! {span_of(guard)=>
                if let ::std::result::Result::Err(__error) =
                    ::greenroom::__private::guard((#guard)(&*__me, __call.cx() #who))
                {
                    #fail
                }
            }
        });
        quote!(#(#guards)*)
    }
}

/// Arguments, the call, and the answer.
fn body(method: &Method, strict: bool) -> TokenStream {
    let site = Site {
        handle: quote!(__call.cx()),
        inject: quote!(::greenroom::__private::inject),
        fail: fail(),
        last: method.params.iter().rposition(|param| param.source.is_positional()).filter(|_| !strict),
    };
    let Pieces { make, pass } = site.arguments(method);
    let reads = method.params.iter().any(|param| param.source.is_positional());
    let cursor = (reads || strict).then(|| quote!(let mut __args = __call.args();));
    let end = strict.then(|| {
        let fail = fail();
        quote! {
            if let ::std::result::Result::Err(__error) = __args.end() {
                #fail
            }
        }
    });
    let name = &method.signature.ident;
    let me = method.receiver.as_ref().map(|receiver| match receiver.mutability {
        Some(_) => quote!(&mut *__me,),
        None => quote!(&*__me,),
    });
    let wait = method.signature.asyncness.map(|_| quote!(.await));
    let answer = answer(method);
    quote! {
        #cursor
        #make
        #end
        let __out = Self::#name(#me #pass) #wait;
        #answer
    }
}

fn answer(method: &Method) -> TokenStream {
    let Some(ty) = returned(&method.signature.output) else {
        let ends = if method.params.iter().any(|param| matches!(param.source, Source::Ack)) {
            quote!(later)
        } else {
            quote!(done)
        };
        return quote!(__call.#ends(__out));
    };
    if !is_named(ty, "Result") {
        return answered(ty, "answer", &quote!(__out));
    }
    let types = generic_types(ty);
    let good = match types.first() {
        Some(value) => answered(value, "good", &quote!(__good)),
        None => quote_spanned!(span_of(ty)=> ::greenroom::__private::good(__call, &__good)),
    };
    let fault = match types.get(1) {
        Some(error) => quote_spanned!(span_of(error)=> ::greenroom::__private::fault_of::<#error>(__bad)),
        None => quote_spanned!(span_of(ty)=> ::greenroom::__private::fault_of(__bad)),
    };
    quote! {
        match __out {
            ::std::result::Result::Ok(__good) => #good,
            ::std::result::Result::Err(__bad) => __call.fail(#fault),
        }
    }
}

/// `function::<ty>(call, &value)`, so that the compiler points at the type; types that have no name are inferred.
fn answered(ty: &Type, function: &str, value: &TokenStream) -> TokenStream {
    let span = span_of(ty);
    let function = proc_macro2::Ident::new(function, span);
    match ty {
        Type::ImplTrait(_) => quote_spanned!(span=> ::greenroom::__private::#function(__call, &#value)),
        ty => quote_spanned!(span=> ::greenroom::__private::#function::<#ty, _>(__call, &#value)),
    }
}
