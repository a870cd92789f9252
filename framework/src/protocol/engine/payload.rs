//! The packets of a polling body: text forms joined by byte 0x1e.

use super::{BASE64, DecodeError, Packet, decode, not_utf8};
use base64::Engine as _;
use bytes::Bytes;
use bytestring::ByteString;

/// Stands between the packets of a payload; no packet's JSON or base64 holds it unescaped.
pub const SEPARATOR: u8 = 0x1e;

/// Decodes the packets of a polling body, one per call of `next`.
///
/// An empty body, like any two separators with nothing between, is an empty packet and thus an error. The
/// first error is the last item. A packet keeps at most twice its own size in memory, not the body.
#[derive(Debug)]
pub struct PayloadDecoder {
    body: ByteString,
    /// Where the next packet starts; `None` when all is read or an error was found.
    next: Option<usize>,
    left: usize,
    max_packets: usize,
}

impl PayloadDecoder {
    /// A decoder for one body. More than `max_packets` packets are an error when the one too many is
    /// reached; those before it are decoded.
    ///
    /// # Errors
    ///
    /// The body is not UTF-8.
    pub fn new(body: Bytes, max_packets: usize) -> Result<Self, DecodeError> {
        let body = ByteString::try_from(body).map_err(not_utf8)?;
        Ok(Self { body, next: Some(0), left: max_packets, max_packets })
    }

    fn packet(&self, text: &str) -> Result<Packet, DecodeError> {
        // A slice would keep the whole body alive for as long as its smallest packet waits for a handler,
        // and no limit on waiting events would count that.
        let share = text.len().saturating_mul(2) >= self.body.len();
        decode(if share { self.body.slice_ref(text) } else { ByteString::from(text) })
    }
}

impl Iterator for PayloadDecoder {
    type Item = Result<Packet, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.next.take()?;
        let Some(left) = self.left.checked_sub(1) else {
            return Some(Err(DecodeError::TooManyPackets { limit: self.max_packets }));
        };
        self.left = left;
        let rest = self.body.get(start..)?;
        let len = memchr::memchr(SEPARATOR, rest.as_bytes());
        let packet = self.packet(len.map_or(Some(rest), |len| rest.get(..len))?);
        if packet.is_ok() {
            self.next = len.map(|len| start.saturating_add(len).saturating_add(1));
        }
        Some(packet)
    }
}

impl std::iter::FusedIterator for PayloadDecoder {}

/// Appends an attachment in its polling form: `b` and padded base64.
pub fn put_binary(out: &mut Vec<u8>, data: &[u8]) {
    out.push(b'b');
    let start = out.len();
    let room = base64::encoded_len(data.len(), true).unwrap_or_default();
    out.resize(start.saturating_add(room), 0);
    // The slice is as long as the encoding, so there is nothing to handle.
    let _ = BASE64.encode_slice(data, out.get_mut(start..).unwrap_or_default());
}
