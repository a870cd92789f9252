//! The scanner accepts what `serde_json` accepts when it ignores a value, up to its depth.

#![no_main]

use greenroom::protocol::json::{Error, check, put_string, unescape};
use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;

fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let ours = check(text);
    let theirs = serde_json::from_str::<IgnoredAny>(text);
    match ours {
        Err(Error::TooDeep { .. }) => {}
        _ => assert_eq!(ours.is_ok(), theirs.is_ok(), "{ours:?} {theirs:?}"),
    }

    let mut quoted = String::new();
    put_string(&mut quoted, text);
    assert_eq!(serde_json::from_str::<String>(&quoted).ok().as_deref(), Some(text));
    assert_eq!(unescape(&quoted[1..quoted.len() - 1]).as_deref(), Some(text));
    if let Ok(theirs) = serde_json::from_str::<String>(text) {
        let raw = text.trim_matches([' ', '\n', '\t', '\r']);
        assert_eq!(unescape(&raw[1..raw.len() - 1]), Some(theirs));
    }
});
