//! Questions about types, answered by their spelling: a macro sees no more than that.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{GenericArgument, PathArguments, ReturnType, Type, TypeReference};

/// `Result` of `std::result::Result<T, E>`.
pub(crate) fn last_ident(ty: &Type) -> Option<&Ident> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|segment| &segment.ident),
        Type::Group(group) => last_ident(&group.elem),
        Type::Paren(paren) => last_ident(&paren.elem),
        _ => None,
    }
}

pub(crate) fn is_named(ty: &Type, name: &str) -> bool {
    last_ident(ty).is_some_and(|ident| ident == name)
}

pub(crate) fn is_str(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident("str"))
}

/// `&str`, not `&mut str`.
pub(crate) fn is_str_reference(ty: &Type) -> bool {
    matches!(ty, Type::Reference(reference) if reference.mutability.is_none() && is_str(&reference.elem))
}

/// The types between the angle brackets.
pub(crate) fn generic_types(ty: &Type) -> Vec<&Type> {
    let Type::Path(path) = ty else { return Vec::new() };
    let Some(PathArguments::AngleBracketed(args)) =
        path.path.segments.last().map(|segment| &segment.arguments)
    else {
        return Vec::new();
    };
    fn only_type(arg: &GenericArgument) -> Option<&Type> {
        match arg {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        }
    }
    args.args.iter().filter_map(only_type).collect()
}

/// The first `&str` inside a type.
pub(crate) fn nested_str(ty: &Type) -> Option<&TypeReference> {
    struct Find<'a>(Option<&'a TypeReference>);
    impl<'a> Visit<'a> for Find<'a> {
        fn visit_type_reference(&mut self, reference: &'a TypeReference) {
            if is_str(&reference.elem) {
                self.0 = self.0.or(Some(reference));
            }
            syn::visit::visit_type_reference(self, reference);
        }
    }
    let mut find = Find(None);
    find.visit_type(ty);
    find.0
}

/// Whether a reference or a lifetime is anywhere inside.
pub(crate) fn has_lifetimes(ty: &Type) -> bool {
    struct Find(bool);
    impl Visit<'_> for Find {
        fn visit_lifetime(&mut self, _: &syn::Lifetime) {
            self.0 = true;
        }

        fn visit_type_reference(&mut self, _: &TypeReference) {
            self.0 = true;
        }
    }
    let mut find = Find(false);
    find.visit_type(ty);
    find.0
}

/// What a value of this type is read back as: nothing that borrows, and any value where the type has no name of its own.
pub(crate) fn owned(ty: &Type) -> TokenStream {
    let ty = match ty {
        Type::Reference(reference) if is_str(&reference.elem) => return quote!(::std::string::String),
        Type::Reference(reference) => &*reference.elem,
        ty => ty,
    };
    match ty {
        Type::Slice(slice) if !has_lifetimes(&slice.elem) => {
            let element = &slice.elem;
            quote!(::std::vec::Vec<#element>)
        }
        Type::ImplTrait(_) | Type::Slice(_) => quote!(::greenroom::Value),
        ty if has_lifetimes(ty) => quote!(::greenroom::Value),
        ty => quote!(#ty),
    }
}

/// A type that a method may return, if it does.
pub(crate) fn returned(output: &ReturnType) -> Option<&Type> {
    match output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) if matches!(&**ty, Type::Tuple(tuple) if tuple.elems.is_empty()) => None,
        ReturnType::Type(_, ty) => Some(ty),
    }
}

/// Where errors about a type point, with names resolved as in the macro's own code.
pub(crate) fn span_of(tokens: &impl Spanned) -> Span {
    tokens.span().resolved_at(Span::call_site())
}
