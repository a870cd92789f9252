//! What a kind of room may say of itself.

use syn::{Data, DeriveInput, LitInt};

use super::parse::Options;
use crate::report::Report;

pub(super) const POLICIES: &[(&str, &str)] =
    &[("fresh", "Fresh"), ("resume", "Resume"), ("close", "Close"), ("escalate", "Escalate")];

pub(super) fn check(input: &DeriveInput, options: &Options, report: &mut Report) {
    if let Data::Union(data) = &input.data {
        report.at(data.union_token, "a room is a struct or an enum");
    }
    if let Some(policy) = &options.on_panic
        && !POLICIES.iter().any(|(word, _)| policy == word)
    {
        let sentence = format!("`{policy}` is no policy; write `fresh`, `resume`, `close` or `escalate`");
        report.at(policy, sentence);
    }
    if let Some(name) =
        options.name.as_ref().filter(|name| name.value().is_empty() || name.value().contains(':'))
    {
        report.at(
            name,
            "the name of a kind of room is not empty and has no `:`, which stands between it and the key",
        );
    }
    not_zero(
        options.capacity.as_ref(),
        "a room that takes nobody is never there: `capacity` is 1 at least",
        report,
    );
    not_zero(options.mailbox.as_ref(), "nothing would ever reach the room: `mailbox` is 1 at least", report);
}

fn not_zero(figure: Option<&LitInt>, sentence: &str, report: &mut Report) {
    if let Some(figure) = figure.filter(|figure| matches!(figure.base10_parse::<u64>(), Ok(0))) {
        report.at(figure, sentence);
    }
}
