//! Frames a server sends: FIN, unmasked (RFC 6455, sections 5.1 and 5.2).

use super::Opcode;
use bytes::Bytes;
use std::ops::Deref;

/// Bytes of the longest header a server sends.
pub const MAX_HEADER: usize = 10;

/// Bytes a close frame leaves for its reason: 125 less the code (RFC 6455, section 5.5).
const MAX_REASON: usize = 123;

/// A frame header: 2, 4 or 10 bytes.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    bytes: [u8; MAX_HEADER],
    len: u8,
}

impl Header {
    /// The bytes to send before the payload.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }
}

impl Deref for Header {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl AsRef<[u8]> for Header {
    fn as_ref(&self) -> &[u8] {
        self.as_slice()
    }
}

/// The header of an unfragmented frame with `len` bytes of payload, in its shortest form.
///
/// A control frame's payload has at most 125 bytes; the caller sees to that.
#[must_use]
pub fn header(opcode: Opcode, len: usize) -> Header {
    debug_assert!(!opcode.is_control() || len <= 125, "a control frame carries at most 125 bytes");
    let first = 0x80 | opcode.bits();
    let (bytes, len) = match (u8::try_from(len), u16::try_from(len)) {
        (Ok(short @ ..=125), _) => ([first, short, 0, 0, 0, 0, 0, 0, 0, 0], 2),
        (_, Ok(medium)) => {
            let [a, b] = medium.to_be_bytes();
            ([first, 126, a, b, 0, 0, 0, 0, 0, 0], 4)
        }
        _ => {
            let [a, b, c, d, e, f, g, h] = u64::try_from(len).unwrap_or(u64::MAX).to_be_bytes();
            ([first, 127, a, b, c, d, e, f, g, h], 10)
        }
    };
    Header { bytes, len }
}

/// Appends one frame, header and payload.
pub fn put_frame(out: &mut Vec<u8>, opcode: Opcode, payload: &[u8]) {
    out.extend_from_slice(&header(opcode, payload.len()));
    out.extend_from_slice(payload);
}

/// A close frame. No code means an empty one, and no reason either. The reason is cut to 123 bytes, between
/// code points.
#[must_use]
pub fn close_frame(code: Option<u16>, reason: &str) -> Bytes {
    let Some(code) = code else { return Bytes::from_static(&[0x88, 0]) };
    let reason = (0..=MAX_REASON).rev().find_map(|end| reason.get(..end)).unwrap_or_default();
    let mut payload = Vec::with_capacity(reason.len().saturating_add(2));
    payload.extend_from_slice(&code.to_be_bytes());
    payload.extend_from_slice(reason.as_bytes());
    let mut frame = Vec::with_capacity(payload.len().saturating_add(2));
    put_frame(&mut frame, Opcode::Close, &payload);
    frame.into()
}
