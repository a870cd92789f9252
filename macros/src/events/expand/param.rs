//! A method's parameters as two pieces of code each: how the value is made, and how it is passed.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use crate::events::model::Method;
use crate::events::param::{Param, Source};
use crate::types::span_of;

/// See the module.
pub(super) struct Pieces {
    pub(super) make: TokenStream,
    pub(super) pass: TokenStream,
}

/// Where a method is called, and what things are called there.
pub(super) struct Site {
    /// `&Cx<Self>` or `&Connect<Self>`.
    pub(super) handle: TokenStream,
    /// The function that hands values in.
    pub(super) inject: TokenStream,
    /// What to do with the error `__error` of a value that cannot be made: `break` out of the method's block with it.
    pub(super) fail: TokenStream,
    /// The parameter behind which nothing is read from the packet.
    pub(super) last: Option<usize>,
}

impl Site {
    /// Of all parameters: the statements that make them, and the list that passes them.
    pub(super) fn arguments(&self, method: &Method) -> Pieces {
        let pieces = method.params.iter().enumerate().map(|(place, param)| self.pieces(place, param));
        let (makes, passes): (Vec<_>, Vec<_>) = pieces.map(|piece| (piece.make, piece.pass)).unzip();
        Pieces { make: quote!(#(#makes)*), pass: quote!(#(#passes),*) }
    }

    fn pieces(&self, place: usize, param: &Param) -> Pieces {
        let span = span_of(&param.tokens.ty);
        let variable = format_ident!("__argument_{place}", span = span);
        let Self { handle, inject, .. } = self;
        let (name, is_last) = (&param.name, self.last == Some(place));
        let bind = |maker: TokenStream| self.bind(&variable, &maker, span);
        let none = TokenStream::new();
        let (make, pass) = match &param.source {
            Source::Handle => (none, quote_spanned!(span=> #handle)),
            Source::EventName => (none, quote!(__call.name())),
            Source::Reason => (none, quote!(__reason)),
            // Of hooks of rooms, which are called otherwise.
            Source::Join => (none, TokenStream::new()),
            Source::Member => (none, quote_spanned!(span=> __call.member())),
            Source::Text if is_last => (bind(quote!(__args.last_text(#name))), quote!(&#variable)),
            Source::Text => (bind(quote!(__args.text(#name))), quote!(&#variable)),
            Source::OptionalText => (bind(quote!(__args.optional_text(#name))), quote!(#variable.as_deref())),
            Source::Payload { ty, lent, .. } => {
                let function = Ident::new(if is_last { "take_last" } else { "take" }, span);
                let take =
                    bind(quote_spanned!(span=> ::greenroom::__private::#function::<#ty>(&mut __args, #name)));
                let check = self.validate(&quote!(&#variable), &quote!(__args.number()), name);
                (quote!(#take #check), lend(&variable, *lent))
            }
            Source::Rest(ty) => {
                let rest = bind(quote!(__args.rest(#name)));
                let check = self.validate(&quote!(__one), &quote!(__args.number() + 1 + __place), name);
                let make = quote! {
                    #rest
                    let #variable: #ty = #variable;
                    for (__place, __one) in #variable.0.iter().enumerate() #check
                };
                (make, quote!(#variable))
            }
            Source::Cursor => (none, quote!(__args.cursor())),
            Source::Injected { ty, lent } => {
                (bind(quote_spanned!(span=> #inject::<#ty, Self>(#handle))), lend(&variable, *lent))
            }
            // Not before it is passed: what is refused until then is answered by the call.
            Source::Ack => (none, quote_spanned!(span=> __call.take_ack())),
        };
        Pieces { make, pass }
    }

    /// `let variable = maker?`, in our own words.
    fn bind(&self, variable: &Ident, maker: &TokenStream, span: Span) -> TokenStream {
        let fail = &self.fail;
        quote_spanned! {span=>
            let #variable = match #maker {
                ::std::result::Result::Ok(__value) => __value,
                ::std::result::Result::Err(__error) => #fail,
            };
        }
    }

    /// Auto-referencing finds out whether the type of what is lent has rules: see `greenroom::Validate`.
    fn validate(&self, lent: &TokenStream, number: &TokenStream, name: &str) -> TokenStream {
        let fail = &self.fail;
        quote! {
            {
                use ::greenroom::__private::{Checked as _, Unchecked as _};
                let __check = (&&::greenroom::__private::Check(#lent)).check(#number, #name);
                if let ::std::result::Result::Err(__error) = __check {
                    #fail
                }
            }
        }
    }
}

fn lend(variable: &Ident, lent: bool) -> TokenStream {
    if lent { quote!(&#variable) } else { quote!(#variable) }
}
