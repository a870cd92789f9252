//! The rules of a room's block.

use syn::Type;

use super::check::{check_event, check_hooks_are_single, check_signature};
use super::model::{Block, Method, Role};
use super::param::Source;
use crate::report::Report;
use crate::types::{is_named, returned};

pub(super) fn check(block: &Block, report: &mut Report) {
    check_hooks_are_single(block, report);
    for method in &block.methods {
        check_signature(method, report);
        match &method.role {
            Role::Event(_) => {
                check_event(method, report);
                if method.receiver.is_none() {
                    report.at(
                        &method.signature.ident,
                        "an event of a room changes the room: take `&mut self` or `&self`",
                    );
                }
            }
            Role::Created => check_created(method, report),
            Role::Joining
            | Role::Joined
            | Role::Left
            | Role::Away
            | Role::Back
            | Role::Every(_)
            | Role::Empty => {
                check_borrows(method, report);
                check_is_not_async(method, report);
                check_result(method, report);
            }
            Role::Closed => {
                check_borrows(method, report);
                check_result(method, report);
            }
            Role::Connect | Role::Connected | Role::Recovered | Role::Disconnect | Role::Fallback => {
                let attribute = method.role.attribute();
                report.at(
                    &method.mark,
                    format!("`{attribute}` is of connection handlers; this block is a room's"),
                );
            }
        }
    }
}

fn check_created(method: &Method, report: &mut Report) {
    if let Some(receiver) = &method.receiver {
        report.at(
            receiver,
            "`#[created]` makes the room, so it has no `self` yet: return `Self` or `Result<Self, E>`",
        );
    }
    if returned(&method.signature.output).is_none() {
        report.at(&method.signature.ident, "`#[created]` must return `Self` or `Result<Self, E>`");
    }
}

fn check_borrows(method: &Method, report: &mut Report) {
    let attribute = method.role.attribute();
    match &method.receiver {
        Some(receiver) if receiver.reference.is_some() => {}
        Some(receiver) => {
            report.at(receiver, format!("`{attribute}` borrows the room: take `&mut self` or `&self`"))
        }
        None => report.at(&method.signature.ident, format!("`{attribute}` takes `&mut self` or `&self`")),
    }
}

fn check_is_not_async(method: &Method, report: &mut Report) {
    if let Some(word) = &method.signature.asyncness {
        let attribute = method.role.attribute();
        report.at(
            word,
            format!("`{attribute}` cannot wait: the room would stand still; do it in `#[created]`, in an event, or in a task"),
        );
    }
}

fn check_result(method: &Method, report: &mut Report) {
    let (attribute, name) = (method.role.attribute(), &method.signature.ident);
    let answer = returned(&method.signature.output);
    match (&method.role, answer) {
        (Role::Joined, _) => {}
        (Role::Joining, None) if method.params.iter().any(|param| matches!(param.source, Source::Join)) => {
            report.at(name, "`#[joining]` returns what is kept for the member, or `Result<Member, E>`");
        }
        (Role::Joining, _) => {}
        (Role::Empty, Some(ty)) if is_named(ty, "Linger") => {}
        (Role::Empty, _) => report.at(name, "`#[empty]` says what becomes of the room: return `Linger`"),
        (_, Some(ty)) if !matches!(ty, Type::Never(_)) => {
            report.at(ty, format!("`{attribute}` returns nothing: nobody waits for its answer"));
        }
        _ => {}
    }
}
