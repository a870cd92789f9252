//! WebSocket frames as a server sees them (RFC 6455, sections 5 to 8; no extensions).
//!
//! [`Decoder`] turns the bytes a client sends into whole messages, in order, and names the first
//! [`Violation`] exactly as the close code for it wants. Sizes are judged on the header, before a payload is
//! waited for; text is judged byte by byte, before its frame is whole. [`header`], [`put_frame`] and
//! [`close_frame`] write what a server sends: unmasked, unfragmented.
//!
//! It does not answer pings, time anything out or close anything: it says what came.

mod decode;
mod encode;
mod frame;
mod mask;
mod text;

pub use decode::Decoder;
pub use encode::{Header, MAX_HEADER, close_frame, header, put_frame};

use bytes::Bytes;
use bytestring::ByteString;

/// What kind of frame this is (RFC 6455, section 5.2 and 11.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    /// 0: the next part of a fragmented message.
    Continuation,
    /// 1: a UTF-8 message, or its first part.
    Text,
    /// 2: a binary message, or its first part.
    Binary,
    /// 8: the peer ends the connection.
    Close,
    /// 9: asks for a pong with the same payload.
    Ping,
    /// 10: answers a ping, or comes unasked.
    Pong,
}

impl Opcode {
    /// The four bits of the wire.
    #[must_use]
    pub const fn bits(self) -> u8 {
        match self {
            Self::Continuation => 0,
            Self::Text => 1,
            Self::Binary => 2,
            Self::Close => 8,
            Self::Ping => 9,
            Self::Pong => 10,
        }
    }

    /// Close, ping and pong: at most 125 bytes, never fragmented, allowed inside a fragmented message
    /// (RFC 6455, section 5.5).
    #[must_use]
    pub const fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// A whole message from the client: fragments joined, mask removed, text known to be UTF-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A text message.
    Text(ByteString),
    /// A binary message.
    Binary(Bytes),
    /// A ping and its payload, at most 125 bytes, which the pong repeats.
    Ping(Bytes),
    /// A pong and its payload, at most 125 bytes.
    Pong(Bytes),
    /// The client closes. `None` when the frame was empty, which counts as code 1005. What it sends after
    /// this is decoded like anything else; ignoring it is the caller's part (section 5.5.1).
    Close(Option<CloseFrame>),
}

/// What a close frame says (RFC 6455, section 5.5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloseFrame {
    /// A code a peer may send: 1000-1003, 1007-1014 or 3000-4999 (RFC 6455, section 7.4).
    pub code: u16,
    /// At most 123 bytes, for people who read logs.
    pub reason: ByteString,
}

/// How a client broke the protocol. The connection is to be closed with [`Violation::close_code`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// A reserved bit is set although no extension was agreed (section 5.2).
    #[error("expected no reserved bits in a frame header, found first byte {0:#04x}")]
    ReservedBits(u8),
    /// Opcode 3-7 or 11-15 (section 5.2).
    #[error("expected opcode 0, 1, 2, 8, 9 or 10, found {0}")]
    UnknownOpcode(u8),
    /// A close, ping or pong without FIN (section 5.5).
    #[error("expected a control frame in one piece, found a fragment")]
    FragmentedControl,
    /// A close, ping or pong that announces more than 125 bytes (section 5.5).
    #[error("expected at most 125 bytes in a control frame, found an extended length")]
    LongControl,
    /// A client frame without a mask (section 5.1).
    #[error("expected a masked frame from the client, found an unmasked one")]
    Unmasked,
    /// A length in more bytes than it needs (section 5.2).
    #[error("expected the shortest form of the length, found {0} in a longer one")]
    LongLength(u64),
    /// A 64-bit length with its top bit set (section 5.2).
    #[error("expected a length below 2^63, found its top bit set")]
    LengthOverflow,
    /// A continuation while no message is under way (section 5.4).
    #[error("expected a message to start, found a continuation")]
    StrayContinuation,
    /// A new message inside a fragmented one (section 5.4).
    #[error("expected a continuation of the message under way, found a new message")]
    Interrupted,
    /// A close payload of one byte, too short for a code (section 5.5.1).
    #[error("expected no payload or a two-byte code in a close frame, found one byte")]
    CloseLength,
    /// A close code that no peer may send (section 7.4).
    #[error("expected a close code a peer may send, found {0}")]
    CloseCode(u16),
    /// Text or a close reason that is not UTF-8 (section 8.1).
    #[error("expected UTF-8, found a byte or an end that cannot be")]
    NotUtf8,
    /// More frames in one message than [`Decoder::MAX_FRAGMENTS`].
    #[error("expected a message in at most {limit} fragments, found one more", limit = Decoder::MAX_FRAGMENTS)]
    TooManyFragments,
    /// A message longer than the decoder's limit, which is in bytes.
    #[error("expected a message of at most {limit} bytes, found a header that announces more")]
    TooBig {
        /// The limit the decoder was made with.
        limit: usize,
    },
}

impl Violation {
    /// The code to close with: 1002 protocol error, 1007 not UTF-8, 1008 too many fragments, 1009 too big
    /// (RFC 6455, section 7.4.1).
    #[must_use]
    pub const fn close_code(&self) -> u16 {
        match self {
            Self::ReservedBits(_)
            | Self::UnknownOpcode(_)
            | Self::FragmentedControl
            | Self::LongControl
            | Self::Unmasked
            | Self::LongLength(_)
            | Self::LengthOverflow
            | Self::StrayContinuation
            | Self::Interrupted
            | Self::CloseLength
            | Self::CloseCode(_) => 1002,
            Self::NotUtf8 => 1007,
            Self::TooManyFragments => 1008,
            Self::TooBig { .. } => 1009,
        }
    }
}

#[cfg(test)]
mod tests;
