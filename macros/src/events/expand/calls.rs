//! The events of a block as methods of its handler's test client. Compiled where `greenroom` has its feature `testing`, and nowhere else.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Generics, ImplItem, Pat, Type, parse_quote};

use crate::events::model::{Block, Event, Method};
use crate::events::param::{Param, Source};
use crate::types::{self, generic_types, has_lifetimes, is_named, last_ident, returned, span_of};

/// `generics`: those of the block, with the bound that says that it belongs to a handler.
pub(super) fn calls(block: &Block, generics: &Generics) -> TokenStream {
    let (handler, name) = (block.handler(), name(block));
    let events: Vec<_> = block.events().collect();
    // A method that answers two events is called by the name of the first.
    let again = |(place, (_, method)): &(usize, (&Event, &Method))| {
        let earlier = place.checked_sub(1).and_then(|place| events.get(place));
        earlier.is_some_and(|(_, earlier)| {
            earlier.signature.ident == method.signature.ident && earlier.conditions == method.conditions
        })
    };
    let methods = events.iter().copied().enumerate().filter(|event| !again(event));
    let methods = methods.map(|(_, (event, method))| call(block, event, method));
    let (impl_generics, types, bounds) = generics.split_for_impl();
    let doc = format!("The events of `{}`, as its test client sends them.", handler.to_token_stream());
    quote! {
        ::greenroom::__testing! {
            #[doc = #doc]
            pub struct #name #impl_generics (
                ::greenroom::testing::RawCalls,
                ::std::marker::PhantomData<fn() -> #handler>,
            ) #bounds;

            #[automatically_derived]
            impl #impl_generics ::std::convert::From<::greenroom::testing::RawCalls> for #name #types #bounds {
                fn from(calls: ::greenroom::testing::RawCalls) -> Self {
                    Self(calls, ::std::marker::PhantomData)
                }
            }

            #[automatically_derived]
            #[allow(dead_code, clippy::all, private_interfaces, private_bounds)]
            impl #impl_generics #name #types #bounds {
                #(#methods)*
            }
        }
    }
}

/// Where the table names them.
pub(super) fn calls_type(block: &Block, generics: &Generics) -> TokenStream {
    let (name, (_, types, _)) = (name(block), generics.split_for_impl());
    quote!(::greenroom::__testing! { type Calls = #name #types; })
}

fn name(block: &Block) -> Ident {
    let handler = last_ident(block.handler()).map(ToString::to_string).unwrap_or_default();
    format_ident!("{handler}Calls")
}

fn call(block: &Block, event: &Event, method: &Method) -> TokenStream {
    let (ident, name, conditions) = (&method.signature.ident, &event.name, &method.conditions);
    let docs = docs(block, method);
    let sent: Vec<_> = method.params.iter().filter(|param| param.source.is_positional()).collect();
    let variables: Vec<_> = sent.iter().enumerate().map(|(place, param)| variable(place, param)).collect();
    let kinds: Vec<_> = sent.iter().map(|param| kind(block, param)).collect();
    let params = sent.iter().zip(&variables).zip(&kinds).map(|((param, variable), kind)| {
        let one = quote!(impl ::greenroom::testing::AsArg<#kind>);
        if is_rest(param) {
            quote!(#variable: impl ::std::iter::IntoIterator<Item = #one>)
        } else {
            quote!(#variable: #one)
        }
    });
    let all = sent.iter().zip(&variables).zip(&kinds).enumerate();
    let list = all.map(|(place, ((param, variable), kind))| {
        if is_rest(param) {
            return quote!(let __list = ::greenroom::testing::and_all::<#kind, _, _>(__list, #variable););
        }
        let wire = format_ident!("__wire_{place}");
        quote! {
            let #wire = ::greenroom::testing::AsArg::<#kind>::wire(&#variable);
            let __list = ::greenroom::__private::and(__list, &#wire);
        }
    });
    let (send, answer) = answer(block, method);
    // Of a room that is addressed, its key.
    let first = if block.is_room { quote!(self.0.address()) } else { quote!(::greenroom::__private::Empty) };
    quote! {
        #(#docs)*
        #(#conditions)*
        #[track_caller]
        pub fn #ident(&self, #(#params),*) -> ::greenroom::testing::Reply<#answer> {
            let __list = #first;
            #(#list)*
            self.0.#send(#name, __list)
        }
    }
}

fn docs<'a>(block: &'a Block, method: &Method) -> Vec<&'a Attribute> {
    let of_method = |item: &'a ImplItem| match item {
        ImplItem::Fn(item) if item.sig.ident == method.signature.ident => Some(&item.attrs),
        _ => None,
    };
    let attrs = block.item.items.iter().find_map(of_method);
    attrs.into_iter().flatten().filter(|attr| attr.path().is_ident("doc")).collect()
}

fn variable(place: usize, param: &Param) -> Ident {
    match &*param.tokens.pat {
        Pat::Ident(pat) => pat.ident.clone(),
        _ => format_ident!("argument_{}", place + 1),
    }
}

fn is_rest(param: &Param) -> bool {
    matches!(param.source, Source::Rest(_) | Source::Cursor)
}

/// What `AsArg` is asked for.
fn kind(block: &Block, param: &Param) -> TokenStream {
    let anything = quote!(::greenroom::testing::AnyArg);
    let ty = match &param.source {
        Source::Text => return quote!(str),
        Source::OptionalText => return quote!(::greenroom::testing::OptionalText),
        Source::Payload { ty, .. } => ty,
        Source::Rest(ty) => match generic_types(ty).first() {
            Some(ty) => *ty,
            None => return anything,
        },
        _ => return anything,
    };
    // A lifetime in `impl AsArg<…>` would need a name.
    if has_lifetimes(ty) {
        return anything;
    }
    let ty = of_handler(block, ty);
    quote_spanned!(span_of(&ty)=> #ty)
}

/// How the event is sent, and what its answer is read as.
fn answer(block: &Block, method: &Method) -> (Ident, TokenStream) {
    let ack = method.params.iter().find(|param| matches!(param.source, Source::Ack));
    let plain = |ty: Option<&Type>| (format_ident!("plain"), owned(block, ty));
    if let Some(ack) = ack {
        return plain(generic_types(&ack.tokens.ty).first().copied());
    }
    match returned(&method.signature.output) {
        None => (format_ident!("plain"), quote!(())),
        Some(ty) if is_named(ty, "Result") => {
            (format_ident!("wrapped"), owned(block, generic_types(ty).first().copied()))
        }
        Some(ty) => plain(Some(ty)),
    }
}

fn owned(block: &Block, ty: Option<&Type>) -> TokenStream {
    ty.map_or_else(|| quote!(::greenroom::Value), |ty| types::owned(&of_handler(block, ty)))
}

/// The type with `Self` as the handler's name: here `Self` is another.
fn of_handler(block: &Block, ty: &Type) -> Type {
    struct Rename<'a>(&'a Type);
    impl VisitMut for Rename<'_> {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            let handler = self.0;
            match ty {
                Type::Path(path) if path.path.is_ident("Self") => *ty = parse_quote!(#handler),
                ty => visit_mut::visit_type_mut(self, ty),
            }
        }
    }
    let mut ty = ty.clone();
    Rename(block.handler()).visit_type_mut(&mut ty);
    ty
}
