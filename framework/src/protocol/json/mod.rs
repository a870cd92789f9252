//! The one look a packet's JSON gets before it is deserialized (RFC 8259).
//!
//! A single pass without recursion or allocation says whether a text is JSON nested at most [`MAX_DEPTH`]
//! deep, so that neither this server nor the clients it relays to meet a text that exhausts their stack.
//! It keeps to what JavaScript's `JSON.parse` takes: `\ud800` alone is a string, `1e400` is a number.
//!
//! It builds no values, converts no numbers and does not care about repeated keys.

mod scan;
mod string;

pub(crate) use scan::{Array, array, object};
pub(crate) use string::is_plain;
pub use string::{put_string, unescape};

use std::fmt;

/// How deep arrays and objects may be nested. `[]` is 1 deep.
pub const MAX_DEPTH: usize = 64;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `{..}`
    Object,
    /// `[..]`
    Array,
    /// `".."`
    String,
    /// `-1.5e3`
    Number,
    /// `true` or `false`
    Bool,
    /// `null`
    Null,
}

/// Why a text was refused. Positions are in bytes from its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Something else should stand here.
    #[error("expected {expected} at byte {at}, found {found}")]
    Syntax {
        /// What could have stood here.
        expected: &'static str,
        /// Where.
        at: usize,
        /// What stands here.
        found: Found,
    },
    /// One array or object too deep.
    #[error("expected at most {limit} nested arrays and objects, found one more at byte {at}", limit = MAX_DEPTH)]
    TooDeep {
        /// Where the one too many starts.
        at: usize,
    },
    /// An object says `"_placeholder":true` without a `num` that is one of the packet's attachments.
    #[error("expected the number of an attachment in the placeholder that ends at byte {at}, found none")]
    IllegalAttachments {
        /// Where the object ends.
        at: usize,
    },
}

/// What stands where something else was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// The text ends.
    End,
    /// This byte.
    Byte(u8),
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::End => f.write_str("the end"),
            Self::Byte(byte @ 0x20..=0x7e) => write!(f, "`{}`", char::from(*byte)),
            Self::Byte(byte) => write!(f, "byte {byte:#04x}"),
        }
    }
}

/// Checks that `text` is one JSON value, white space around it allowed, and says which kind.
///
/// # Errors
///
/// The first place where it stops being JSON, or becomes deeper than [`MAX_DEPTH`].
pub fn check(text: &str) -> Result<Kind, Error> {
    scan::check(text)
}

#[cfg(test)]
mod tests;
