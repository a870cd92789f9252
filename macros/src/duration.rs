//! Spans of time as people write them: `500ms`, `5s`, `2m`, `1h`.

use syn::{Error, LitStr};

/// In milliseconds; 1 at least.
pub(crate) fn read(literal: &LitStr) -> syn::Result<u64> {
    let text = literal.value();
    let digits =
        text.trim_start().len() - text.trim_start().trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.trim().split_at(digits.min(text.trim().len()));
    let factor = match unit.trim() {
        "ms" => Some(1),
        "s" => Some(1_000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        _ => None,
    };
    let millis =
        number.parse::<u64>().ok().zip(factor).and_then(|(number, factor)| number.checked_mul(factor));
    millis.filter(|millis| *millis > 0).ok_or_else(|| {
        Error::new_spanned(
            literal,
            format!("cannot read `{text}` as a duration; write `500ms`, `5s`, `2m` or `1h`"),
        )
    })
}
