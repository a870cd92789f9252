//! JSON strings: what their escapes stand for, and writing them.

use std::str::Chars;

/// What the characters between the quotes of a JSON string stand for. An escaped surrogate without its
/// partner becomes U+FFFD, as it does when JavaScript sends such a string as UTF-8.
///
/// `None` when `raw` holds an escape that RFC 8259 does not know.
#[must_use]
pub fn unescape(raw: &str) -> Option<String> {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw.chars();
    while let Some(char) = rest.next() {
        if char != '\\' {
            out.push(char);
            continue;
        }
        out.push(match rest.next()? {
            plain @ ('"' | '\\' | '/') => plain,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => escaped_char(&mut rest)?,
            _ => return None,
        });
    }
    Some(out)
}

/// The character whose `\u` has been read, together with a second escape if the two are a pair.
fn escaped_char(rest: &mut Chars<'_>) -> Option<char> {
    let first = unit(rest)?;
    if let Some(char) = char::from_u32(first) {
        return Some(char);
    }
    let mut ahead = rest.clone();
    if (ahead.next(), ahead.next()) == (Some('\\'), Some('u')) {
        let units = [first, unit(&mut ahead)?].map(|unit| u16::try_from(unit).unwrap_or_default());
        if let Some(Ok(char)) = char::decode_utf16(units).next() {
            *rest = ahead;
            return Some(char);
        }
    }
    Some(char::REPLACEMENT_CHARACTER)
}

/// Four hexadecimal digits.
fn unit(rest: &mut Chars<'_>) -> Option<u32> {
    (0..4).try_fold(0u32, |unit, _| Some(unit.wrapping_shl(4) | rest.next()?.to_digit(16)?))
}

/// Whether a string of these bytes has nothing to escape. The loop has no way out, so that the compiler looks at sixteen bytes at a time.
#[inline]
pub(crate) fn is_plain(bytes: &[u8]) -> bool {
    !bytes.iter().fold(false, |special, &byte| special | (byte < 0x20) | (byte == b'"') | (byte == b'\\'))
}

/// Appends `text` as a JSON string, quotes included. Only what must be escaped is (RFC 8259, section 7).
pub fn put_string(out: &mut String, text: &str) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{0}'..='\u{1f}' => {
                out.push_str("\\u00");
                let code = u32::from(char);
                for digit in [code.wrapping_shr(4), code & 0xf] {
                    out.extend(char::from_digit(digit, 16));
                }
            }
            _ => out.push(char),
        }
    }
    out.push('"');
}
