//! Engine.IO packets, protocol revision 4 (<https://socket.io/docs/v4/engine-io-protocol/>).
//!
//! [`decode`] reads the one packet of a WebSocket text message, [`PayloadDecoder`] the packets of a polling
//! body; [`Open`] writes the handshake. A binary WebSocket message needs no codec: it is the data.
//!
//! Which packets a client may send, and when, is not judged here: a packet from the wrong side decodes like
//! any other.

mod open;
mod payload;

pub use open::Open;
pub use payload::{PayloadDecoder, SEPARATOR, put_binary};

use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use bytes::{Buf as _, Bytes};
use bytestring::ByteString;

/// One Engine.IO packet. In text form it is its type's digit and its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// `0`: the handshake, with its JSON. Servers send it.
    Open(ByteString),
    /// `1`: the session ends.
    Close,
    /// `2`: asks for a pong with the same data, which is `probe` during an upgrade and empty else.
    Ping(ByteString),
    /// `3`: answers a ping.
    Pong(ByteString),
    /// `4`: a Socket.IO packet.
    Message(ByteString),
    /// `b` and base64 in text form: an attachment of a Socket.IO packet.
    Binary(Bytes),
    /// `5`: the client moves to this transport.
    Upgrade,
    /// `6`: nothing; it only ends a poll.
    Noop,
}

/// Why a packet or a payload was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A packet without even a type.
    #[error("expected an engine packet, found nothing")]
    Empty,
    /// The first byte is no type.
    #[error("expected a packet type from 0 to 6 or `b`, found byte {0:#04x}")]
    UnknownType(u8),
    /// What follows `b` is not base64.
    #[error("expected base64 after `b`, found something else")]
    Base64,
    /// A polling body that is not UTF-8.
    #[error("expected UTF-8, found an invalid byte after byte {valid_up_to}")]
    NotUtf8 {
        /// How many bytes are UTF-8.
        valid_up_to: usize,
    },
    /// More packets in one polling body than the limit.
    #[error("expected at most {limit} packets in a payload, found more")]
    TooManyPackets {
        /// The limit the decoder was made with.
        limit: usize,
    },
}

/// The standard alphabet. Padding may be absent and unused bits set, as with Node's `Buffer.from`.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Decodes the packet of a WebSocket text message.
///
/// Data after `1`, `5` and `6` is ignored, as the reference does. `b` is taken here too: clients that cannot
/// send binary messages send base64 over WebSocket.
///
/// # Errors
///
/// An empty text, an unknown type, or `b` followed by something else than base64.
pub fn decode(text: ByteString) -> Result<Packet, DecodeError> {
    let Some(kind) = text.as_bytes().first().copied() else { return Err(DecodeError::Empty) };
    match kind {
        b'0' => Ok(Packet::Open(data(text)?)),
        b'1' => Ok(Packet::Close),
        b'2' => Ok(Packet::Ping(data(text)?)),
        b'3' => Ok(Packet::Pong(data(text)?)),
        b'4' => Ok(Packet::Message(data(text)?)),
        b'5' => Ok(Packet::Upgrade),
        b'6' => Ok(Packet::Noop),
        b'b' => {
            let encoded = text.as_bytes().get(1..).unwrap_or_default();
            BASE64.decode(encoded).map(|data| Packet::Binary(data.into())).map_err(|_| DecodeError::Base64)
        }
        unknown => Err(DecodeError::UnknownType(unknown)),
    }
}

/// Texts up to this many bytes are checked again rather than shared.
const CHECK_AGAIN: usize = 4096;

/// The text without its type's digit, which is one byte.
fn data(text: ByteString) -> Result<ByteString, DecodeError> {
    if text.len() > CHECK_AGAIN {
        return Ok(text.get(1..).map(|data| text.slice_ref(data)).unwrap_or_default());
    }
    // Sharing a buffer allocates its reference count, which costs more than reading a short text once more.
    let mut bytes = text.into_bytes();
    bytes.advance(1);
    ByteString::try_from(bytes).map_err(not_utf8)
}

fn not_utf8(error: std::str::Utf8Error) -> DecodeError {
    DecodeError::NotUtf8 { valid_up_to: error.valid_up_to() }
}

#[cfg(test)]
mod tests;
