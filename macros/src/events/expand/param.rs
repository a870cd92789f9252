//! A parameter as two pieces of code: how its value is made, and how it is passed.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use crate::events::param::{Param, Source};
use crate::types::span_of;

/// See the module.
pub(super) struct Pieces {
    pub(super) make: TokenStream,
    pub(super) pass: TokenStream,
}

/// What to do with the error `__error` of a value that cannot be made: `break` out of the method's block with it.
pub(super) struct Failing<'a>(pub(super) &'a TokenStream);

impl Failing<'_> {
    /// `let variable = maker?`, in our own words.
    pub(super) fn bind(&self, variable: &Ident, maker: &TokenStream, span: proc_macro2::Span) -> TokenStream {
        let fail = self.0;
        quote_spanned! {span=>
            let #variable = match #maker {
                ::std::result::Result::Ok(__value) => __value,
                ::std::result::Result::Err(__error) => #fail,
            };
        }
    }
}

/// `is_last`: nothing behind it is read from the packet. `handle`: what `&Cx<Self>` or `&Connect<Self>` is called here; `inject`: the function that hands values in.
pub(super) fn pieces(
    place: usize,
    param: &Param,
    handle: &TokenStream,
    inject: &TokenStream,
    is_last: bool,
    failing: &Failing<'_>,
) -> Pieces {
    let span = span_of(&param.tokens.ty);
    let variable = format_ident!("__argument_{place}", span = span);
    let name = &param.name;
    let bind = |maker: TokenStream| failing.bind(&variable, &maker, span);
    let none = TokenStream::new();
    let (make, pass) = match &param.source {
        Source::Handle => (none, quote_spanned!(span=> #handle)),
        Source::EventName => (none, quote!(__call.name())),
        Source::Reason => (none, quote!(__reason)),
        Source::Text if is_last => (bind(quote!(__args.last_text(#name))), quote!(&#variable)),
        Source::Text => (bind(quote!(__args.text(#name))), quote!(&#variable)),
        Source::OptionalText => (bind(quote!(__args.optional_text(#name))), quote!(#variable.as_deref())),
        Source::Payload { ty, lent, .. } => {
            let function = Ident::new(if is_last { "take_last" } else { "take" }, span);
            let take =
                bind(quote_spanned!(span=> ::greenroom::__private::#function::<#ty>(&mut __args, #name)));
            let check = validate(&quote!(&#variable), &quote!(__args.number()), name, failing);
            (quote!(#take #check), lend(&variable, *lent))
        }
        Source::Rest(ty) => {
            let rest = bind(quote!(__args.rest(#name)));
            let check = validate(&quote!(__one), &quote!(__args.number() + 1 + __place), name, failing);
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

fn lend(variable: &Ident, lent: bool) -> TokenStream {
    if lent { quote!(&#variable) } else { quote!(#variable) }
}

/// Auto-referencing finds out whether the type of what is lent has rules: see `greenroom::Validate`.
fn validate(lent: &TokenStream, number: &TokenStream, name: &str, failing: &Failing<'_>) -> TokenStream {
    let fail = failing.0;
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
