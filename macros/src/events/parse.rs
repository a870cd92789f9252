//! An `impl` block into the model.

use proc_macro2::TokenStream;
use syn::{Attribute, FnArg, ImplItem, ImplItemFn, ItemImpl};

use super::marks::{self, Words};
use super::model::{Block, Method};
use super::param::Param;
use crate::docs;
use crate::report::Report;

pub(super) fn block(attr: TokenStream, mut item: ItemImpl, report: &mut Report) -> Block {
    let Words { guards, catalogue } = report.keep(marks::block_words(attr)).unwrap_or_default();
    let mut methods = Vec::new();
    for item in &mut item.items {
        if let ImplItem::Fn(function) = item {
            read_method(function, &mut methods, report);
        }
    }
    Block { item, guards, catalogue, methods }
}

/// Takes our attributes out of a method, and keeps what they say.
fn read_method(function: &mut ImplItemFn, methods: &mut Vec<Method>, report: &mut Report) {
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
                    let param = report.keep(Param::read(param, &role, &params));
                    params.extend(param);
                }
            }
        }
        let (docs, signature, conditions) = (docs.clone(), original.clone(), conditions.clone());
        methods.push(Method { role, mark, docs, signature, receiver, params, conditions });
    }
}
