//! An `impl` block into the model.

use proc_macro2::TokenStream;
use syn::{Attribute, FnArg, ImplItem, ImplItemFn, ItemImpl, Type};

use super::marks::{self, Words};
use super::model::{Block, Method};
use super::param::Param;
use crate::docs;
use crate::report::Report;
use crate::types::is_named;

pub(super) fn block(attr: TokenStream, mut item: ItemImpl, report: &mut Report) -> Block {
    let Words { guards, catalogue, room } = report.keep(marks::block_words(attr)).unwrap_or_default();
    let is_room = room || item.items.iter().any(is_of_room);
    let mut methods = Vec::new();
    for item in &mut item.items {
        if let ImplItem::Fn(function) = item {
            read_method(function, is_room, &mut methods, report);
        }
    }
    Block { item, guards, catalogue, is_room, methods }
}

/// Whether a method is one that only a room has: by its attribute, or by what it takes.
fn is_of_room(item: &ImplItem) -> bool {
    let ImplItem::Fn(function) = item else { return false };
    let takes = |input: &FnArg| match input {
        FnArg::Typed(param) => {
            let Type::Reference(reference) = &*param.ty else { return false };
            is_named(&reference.elem, "RoomCx") || is_named(&reference.elem, "Member")
        }
        FnArg::Receiver(_) => false,
    };
    let is_marked = function.attrs.iter().any(marks::is_role);
    function.attrs.iter().any(marks::is_of_room) || (is_marked && function.sig.inputs.iter().any(takes))
}

/// Takes our attributes out of a method, and keeps what they say.
fn read_method(function: &mut ImplItemFn, is_room: bool, methods: &mut Vec<Method>, report: &mut Report) {
    let docs = docs::text(&function.attrs);
    let (marks, others): (Vec<Attribute>, _) =
        std::mem::take(&mut function.attrs).into_iter().partition(marks::is_role);
    function.attrs = others;
    if marks.is_empty() {
        return;
    }
    let original = function.sig.clone();
    for input in &mut function.sig.inputs {
        if let FnArg::Typed(param) = input {
            param.attrs.retain(|attr| marks::origin(attr).is_none());
        }
    }
    let conditions: Vec<_> =
        function.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).cloned().collect();
    for mark in marks {
        let Some(role) = report.keep(marks::role(&mark, &original.ident)) else { continue };
        let mut receiver = None;
        let mut params = Vec::new();
        for input in &original.inputs {
            match input {
                FnArg::Receiver(found) => receiver = Some(found.clone()),
                FnArg::Typed(param) => {
                    let param = report.keep(Param::read(param, &role, is_room, &params));
                    params.extend(param);
                }
            }
        }
        let (docs, signature, conditions) = (docs.clone(), original.clone(), conditions.clone());
        methods.push(Method { role, mark, docs, signature, receiver, params, conditions });
    }
}
