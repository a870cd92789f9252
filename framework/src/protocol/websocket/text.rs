//! Text that arrives in pieces, judged as it arrives (RFC 6455, section 8.1).
//!
//! A code point may be cut anywhere; what is there of it is kept aside, at most three bytes. The first byte
//! that no code point can have at its place ends the message, however much of it is still to come.

use super::{Violation, mask::Mask};
use std::str;

/// Bytes unmasked and judged at a time.
const BLOCK: usize = 1024;

/// The text so far, and the start of a code point whose end has not come.
#[derive(Debug, Default)]
pub(super) struct PartialText {
    whole: String,
    cut: Vec<u8>,
}

impl PartialText {
    /// Bytes received.
    pub(super) fn len(&self) -> usize {
        self.whole.len().saturating_add(self.cut.len())
    }

    /// Makes room for `more` bytes.
    pub(super) fn reserve(&mut self, more: usize) {
        self.whole.reserve_exact(more.saturating_add(self.cut.len()));
    }

    /// The bytes the text can take without moving.
    pub(super) fn room(&self) -> usize {
        self.whole.capacity().saturating_sub(self.len())
    }

    /// Takes a masked piece.
    pub(super) fn append(&mut self, mask: &mut Mask, chunk: &[u8]) -> Result<(), Violation> {
        let mut block = [0; BLOCK];
        for chunk in chunk.chunks(BLOCK) {
            let Some(part) = block.get_mut(..chunk.len()) else { continue };
            part.copy_from_slice(chunk);
            mask.unmask(part);
            self.push(part)?;
        }
        Ok(())
    }

    /// The whole text, unless it ends inside a code point.
    pub(super) fn finish(self) -> Result<String, Violation> {
        if self.cut.is_empty() { Ok(self.whole) } else { Err(Violation::NotUtf8) }
    }

    fn push(&mut self, mut bytes: &[u8]) -> Result<(), Violation> {
        while !self.cut.is_empty() {
            let [next, rest @ ..] = bytes else { return Ok(()) };
            bytes = rest;
            self.cut.push(*next);
            match str::from_utf8(&self.cut) {
                Ok(code_point) => {
                    self.whole.push_str(code_point);
                    self.cut.clear();
                }
                Err(error) if error.error_len().is_none() => {}
                Err(_) => return Err(Violation::NotUtf8),
            }
        }
        match str::from_utf8(bytes) {
            Ok(text) => self.whole.push_str(text),
            Err(error) if error.error_len().is_none() => {
                let (whole, cut) = bytes.split_at_checked(error.valid_up_to()).unwrap_or_default();
                self.whole.push_str(str::from_utf8(whole).unwrap_or_default());
                self.cut.extend_from_slice(cut);
            }
            Err(_) => return Err(Violation::NotUtf8),
        }
        Ok(())
    }
}
