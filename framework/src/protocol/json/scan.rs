//! The scanner: a cursor over the text and one bit per level of nesting.

use super::{Error, Found, Kind, MAX_DEPTH, is_plain, unescape};
use std::ops::Range;

/// An array's parts, as ranges of the scanned text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Array {
    /// The first element and its kind.
    pub(crate) first: Option<(Kind, Range<usize>)>,
    /// What follows the first element's comma, up to the closing bracket; empty when nothing does.
    pub(crate) rest: Range<usize>,
    /// All between the brackets.
    pub(crate) inside: Range<usize>,
}

pub(super) fn check(text: &str) -> Result<Kind, Error> {
    let mut scan = Scanner::new(text, None);
    let kind = scan.value()?;
    scan.end()?;
    Ok(kind)
}

/// Checks that `text` is a JSON array, and says where its parts are.
///
/// With `attachments`, the number of a packet's attachments, every placeholder in it must name one.
pub(crate) fn array(text: &str, attachments: Option<usize>) -> Result<Array, Error> {
    let mut scan = Scanner::new(text, attachments);
    scan.space();
    if scan.peek() != Some(b'[') {
        return Err(scan.expected("an array"));
    }
    scan.open(false)?;
    let start = scan.position();
    scan.space();
    let mut first = None;
    let mut rest = None;
    if scan.peek() != Some(b']') {
        let start = scan.position();
        let kind = scan.value()?;
        first = Some((kind, start..scan.position()));
        scan.space();
        while scan.peek() == Some(b',') {
            scan.skip();
            rest.get_or_insert(scan.position());
            scan.value()?;
            scan.space();
        }
        if scan.peek() != Some(b']') {
            return Err(scan.expected("`,` or `]`"));
        }
    }
    let end = scan.position();
    scan.close()?;
    scan.end()?;
    Ok(Array { first, rest: rest.unwrap_or(end)..end, inside: start..end })
}

/// Checks that `text` is a JSON object, and says where it is: without the white space around it.
pub(crate) fn object(text: &str) -> Result<Range<usize>, Error> {
    let mut scan = Scanner::new(text, None);
    scan.space();
    if scan.peek() != Some(b'{') {
        return Err(scan.expected("an object"));
    }
    let start = scan.position();
    scan.value()?;
    let end = scan.position();
    scan.end()?;
    Ok(start..end)
}

/// Reads `rest`, the part of the text not read yet.
///
/// Each level of nesting is one bit in each of the words below, the innermost in the lowest; a word has room
/// for exactly [`MAX_DEPTH`] levels.
struct Scanner<'a> {
    rest: &'a [u8],
    len: usize,
    depth: usize,
    /// The level is an object.
    objects: u64,
    /// The object says `"_placeholder":true`.
    marked: u64,
    /// The object has a `num` that is an attachment.
    good: u64,
    /// The object has a `num` that is not.
    bad: u64,
    attachments: Option<usize>,
}

const _: () = assert!(MAX_DEPTH == 64, "one bit of a u64 per level");

impl<'a> Scanner<'a> {
    fn new(text: &'a str, attachments: Option<usize>) -> Self {
        let rest = text.as_bytes();
        Self { rest, len: rest.len(), depth: 0, objects: 0, marked: 0, good: 0, bad: 0, attachments }
    }

    /// One value, white space before it allowed.
    fn value(&mut self) -> Result<Kind, Error> {
        let floor = self.depth;
        self.space();
        let top = match self.peek() {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b'"') => Kind::String,
            Some(b't' | b'f') => Kind::Bool,
            Some(b'n') => Kind::Null,
            _ => Kind::Number,
        };
        loop {
            self.space();
            match self.rest {
                [b'"', rest @ ..] => {
                    self.rest = rest;
                    self.string()?;
                }
                [b'{', ..] => {
                    self.open(true)?;
                    self.space();
                    if self.peek() != Some(b'}') {
                        self.key()?;
                        continue;
                    }
                    self.close()?;
                }
                [b'[', ..] => {
                    self.open(false)?;
                    self.space();
                    if self.peek() != Some(b']') {
                        continue;
                    }
                    self.close()?;
                }
                [b't', b'r', b'u', b'e', rest @ ..]
                | [b'f', b'a', b'l', b's', b'e', rest @ ..]
                | [b'n', b'u', b'l', b'l', rest @ ..] => self.rest = rest,
                [b'-' | b'0'..=b'9', ..] => self.number()?,
                _ => return Err(self.expected("a value")),
            }
            if !self.after_value(floor)? {
                return Ok(top);
            }
        }
    }

    /// Closes what ends after a value. True when another value must follow.
    fn after_value(&mut self, floor: usize) -> Result<bool, Error> {
        while self.depth > floor {
            self.space();
            let in_object = self.objects & 1 == 1;
            match (self.peek(), in_object) {
                (Some(b','), false) => {
                    self.skip();
                    return Ok(true);
                }
                (Some(b','), true) => {
                    self.skip();
                    self.space();
                    self.key()?;
                    return Ok(true);
                }
                (Some(b'}'), true) | (Some(b']'), false) => self.close()?,
                (_, true) => return Err(self.expected("`,` or `}`")),
                (_, false) => return Err(self.expected("`,` or `]`")),
            }
        }
        Ok(false)
    }

    /// Enters the array or object whose bracket is next.
    fn open(&mut self, object: bool) -> Result<(), Error> {
        if self.depth >= MAX_DEPTH {
            return Err(Error::TooDeep { at: self.position() });
        }
        self.skip();
        self.depth = self.depth.saturating_add(1);
        self.objects = self.objects << 1 | u64::from(object);
        self.marked <<= 1;
        self.good <<= 1;
        self.bad <<= 1;
        Ok(())
    }

    /// Leaves the array or object whose bracket is next.
    fn close(&mut self) -> Result<(), Error> {
        self.skip();
        if self.marked & 1 == 1 && (self.good & !self.bad) & 1 == 0 {
            return Err(Error::IllegalAttachments { at: self.position() });
        }
        self.depth = self.depth.saturating_sub(1);
        self.objects >>= 1;
        self.marked >>= 1;
        self.good >>= 1;
        self.bad >>= 1;
        Ok(())
    }

    /// An object's key and its colon.
    fn key(&mut self) -> Result<(), Error> {
        let [b'"', key @ ..] = self.rest else {
            return Err(self.expected("a key"));
        };
        self.rest = key;
        self.string()?;
        let key_len = key.len().saturating_sub(self.rest.len()).saturating_sub(1);
        self.space();
        if self.peek() != Some(b':') {
            return Err(self.expected("`:`"));
        }
        self.skip();
        if let Some(attachments) = self.attachments {
            self.space();
            self.placeholder(key.get(..key_len).unwrap_or_default(), attachments);
        }
        Ok(())
    }

    /// Remembers what a member whose value is next says about its object being a placeholder.
    fn placeholder(&mut self, key: &[u8], attachments: usize) {
        let unescaped = if key.contains(&b'\\') { str::from_utf8(key).ok().and_then(unescape) } else { None };
        let key = unescaped.as_ref().map_or(key, |key| key.as_bytes());
        if key == b"_placeholder" && self.rest.starts_with(b"true") {
            self.marked |= 1;
        } else if key == b"num" && attachment_number(self.rest).is_some_and(|number| number < attachments) {
            self.good |= 1;
        } else if key == b"num" {
            self.bad |= 1;
        }
    }

    /// A string whose opening quote has been read, with its closing quote.
    fn string(&mut self) -> Result<(), Error> {
        loop {
            self.plain();
            match self.rest {
                [b'"', rest @ ..] => {
                    self.rest = rest;
                    return Ok(());
                }
                [b'\\', rest @ ..] => {
                    self.rest = rest;
                    self.escape()?;
                }
                [0..0x20, ..] => return Err(self.expected("an escaped control character")),
                [_, rest @ ..] => self.rest = rest,
                [] => return Err(self.expected("`\"`")),
            }
        }
    }

    /// Skips characters of a string that stand for themselves, while eight are left. Most strings are names and end within the first
    /// eight; long ones go sixteen at a time.
    fn plain(&mut self) {
        while let Some((word, rest)) = self.rest.split_first_chunk::<8>() {
            let special = special_bytes(u64::from_le_bytes(*word));
            if special != 0 {
                let before = usize::try_from(special.trailing_zeros() >> 3).unwrap_or_default();
                self.rest = self.rest.get(before..).unwrap_or_default();
                return;
            }
            self.rest = rest;
            while let Some((block, rest)) = self.rest.split_first_chunk::<16>()
                && is_plain(block)
            {
                self.rest = rest;
            }
        }
    }

    /// An escape whose backslash has been read.
    fn escape(&mut self) -> Result<(), Error> {
        match self.rest {
            [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', rest @ ..] => self.rest = rest,
            [b'u', rest @ ..] => {
                self.rest = rest;
                for _ in 0..4 {
                    let [digit, rest @ ..] = self.rest else {
                        return Err(self.expected("a hexadecimal digit"));
                    };
                    if !digit.is_ascii_hexdigit() {
                        return Err(self.expected("a hexadecimal digit"));
                    }
                    self.rest = rest;
                }
            }
            _ => return Err(self.expected("an escape")),
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), Error> {
        if let [b'-', rest @ ..] = self.rest {
            self.rest = rest;
        }
        if let [b'0', rest @ ..] = self.rest {
            self.rest = rest;
        } else {
            self.digits()?;
        }
        if let [b'.', rest @ ..] = self.rest {
            self.rest = rest;
            self.digits()?;
        }
        if let [b'e' | b'E', rest @ ..] = self.rest {
            self.rest = match rest {
                [b'+' | b'-', rest @ ..] | rest => rest,
            };
            self.digits()?;
        }
        Ok(())
    }

    /// One digit or more.
    fn digits(&mut self) -> Result<(), Error> {
        let [b'0'..=b'9', rest @ ..] = self.rest else {
            return Err(self.expected("a digit"));
        };
        self.rest = rest;
        while let [b'0'..=b'9', rest @ ..] = self.rest {
            self.rest = rest;
        }
        Ok(())
    }

    /// Senders that are programs put none: one comparison then.
    #[inline]
    fn space(&mut self) {
        if self.rest.first().is_some_and(|byte| *byte > b' ') {
            return;
        }
        while let [b' ' | b'\n' | b'\t' | b'\r', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    fn end(&mut self) -> Result<(), Error> {
        self.space();
        if self.rest.is_empty() { Ok(()) } else { Err(self.expected("the end")) }
    }

    fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    fn skip(&mut self) {
        self.rest = self.rest.get(1..).unwrap_or_default();
    }

    fn position(&self) -> usize {
        self.len.saturating_sub(self.rest.len())
    }

    #[cold]
    fn expected(&self, expected: &'static str) -> Error {
        Error::Syntax { expected, at: self.position(), found: self.peek().map_or(Found::End, Found::Byte) }
    }
}

/// A word whose lowest set bit is in the first byte of `word` that is a quote, a backslash or a control
/// character. Bits above that one mean nothing: the subtractions borrow.
fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let quote = word ^ (ONES.wrapping_mul(0x22));
    let backslash = word ^ (ONES.wrapping_mul(0x5c));
    let control = word.wrapping_sub(ONES.wrapping_mul(0x20)) & !word;
    let quote = quote.wrapping_sub(ONES) & !quote;
    let backslash = backslash.wrapping_sub(ONES) & !backslash;
    (control | quote | backslash) & HIGH
}

/// The number at the front of `json`, if it is an integer without sign, fraction or exponent.
fn attachment_number(json: &[u8]) -> Option<usize> {
    let end = json
        .iter()
        .position(|byte| !matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
        .unwrap_or(json.len());
    let digits = json.get(..end)?;
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    str::from_utf8(digits).ok()?.parse().ok()
}
