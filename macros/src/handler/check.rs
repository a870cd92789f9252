//! What a handler's namespace may look like: the rules of `Greenroom::of_pattern`, told when the program is built.

use syn::{Data, DeriveInput, LitStr};

use super::parse::Options;
use crate::report::Report;

pub(super) fn check(input: &DeriveInput, options: &Options, report: &mut Report) {
    if let Data::Union(data) = &input.data {
        report.at(data.union_token, "a handler is a struct or an enum");
    }
    if let Some(namespace) = &options.namespace {
        check_namespace(namespace, report);
    }
}

pub(super) fn is_pattern(namespace: &LitStr) -> bool {
    namespace.value().contains('{')
}

fn check_namespace(literal: &LitStr, report: &mut Report) {
    let namespace = literal.value();
    let Some(rest) = namespace.strip_prefix('/') else {
        return report.at(literal, format!("a namespace starts with `/`: write `\"/{namespace}\"`"));
    };
    let mut names = Vec::new();
    for segment in rest.split('/') {
        match segment.strip_prefix('{').map(|inner| inner.strip_suffix('}')) {
            Some(Some(name)) => {
                if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                    report.at(literal, format!("`{segment}` names no parameter: write it like `{{id}}`"));
                } else if names.contains(&name) {
                    report.at(literal, format!("the parameter `{{{name}}}` stands twice in the namespace"));
                }
                names.push(name);
            }
            Some(None) => report.at(literal, format!("unclosed `{{` in namespace segment `{segment}`")),
            None if segment.contains(['{', '}']) => {
                report.at(
                    literal,
                    format!("a parameter is a whole segment, such as `/{{id}}/`: split `{segment}`"),
                );
            }
            None => {}
        }
    }
}
