//! Doc comments as text.

use syn::{Attribute, Expr, Lit, Meta};

/// What the comment says, one line each. `#[doc = include_str!(..)]` is not read: a macro does not see what another makes.
pub(crate) fn text(attrs: &[Attribute]) -> String {
    let lines: Vec<_> = attrs.iter().filter_map(line).collect();
    lines.join("\n").trim().to_owned()
}

fn line(attr: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attr.meta else { return None };
    let (true, Expr::Lit(literal)) = (pair.path.is_ident("doc"), &pair.value) else { return None };
    let Lit::Str(text) = &literal.lit else { return None };
    let text = text.value();
    Some(text.strip_prefix(' ').unwrap_or(&text).to_owned())
}
