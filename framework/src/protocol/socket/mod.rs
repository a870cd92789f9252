//! Socket.IO packets, protocol revision 5, default parser
//!
//! Step 4 of 8 of an event's way through the framework; the crate's front page names them all.
//! (<https://socket.io/docs/v4/socket-io-protocol/>).
//!
//! [`Decoder`] reads the packets of one connection and joins them with their attachments; [`encode`] writes
//! a packet's text. A packet that comes out has been checked whole: its JSON is JSON, no deeper than
//! [`super::json::MAX_DEPTH`], every placeholder names an attachment that is there, and it keeps the
//! [`Limits`]. What goes beyond them is refused before it is stored.
//!
//! Arguments stay the text they came as: nothing is deserialized here, and nobody is told about anything.
//!
//! # Beside socket.io-parser 4.2.7
//!
//! Whatever is accepted here that parser accepts too, and reads alike. It also accepts what no client
//! library writes, and these are refused:
//!
//! - an empty packet, or a space as type (both are type 0 to it)
//! - an event, an acknowledgement or a binary packet without a payload
//! - an acknowledgement without an id
//! - a connect error, which its server refuses one step later
//! - an id beyond 2^53 - 1, which it rounds
//! - numbers of attachments other than plain digits: `1.0-`, `0x1-`, `+1-`
//! - a placeholder whose `num` is written with a sign, fraction or exponent; of repeated members it takes the
//!   last, here none may be wrong
//! - what goes beyond a limit that parser does not have: nesting, names, the sum of a packet's bytes
//!
//! Three are read differently: a space before the JSON is white space here and the id 0 there; a lone
//! surrogate in an event's name becomes U+FFFD; a number as a name is named as it is written, `1.0` not `1`.

mod decode;
mod encode;
mod packet;
mod text;

pub use decode::{DecodeError, Decoder};
pub use encode::{Kind, encode};
pub use packet::{Ack, AckParts, Event, EventName, EventParts, Packet};
pub(crate) use text::RESERVED_EVENTS;

/// What one packet from a client may be. More is a [`DecodeError`], which ends the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Binary attachments one packet may announce. Default 10, as socket.io-parser 4.2.6 and later.
    pub attachments: usize,
    /// Bytes of an event's name. Default 128.
    pub event_name: usize,
    /// Bytes of a namespace's name, its slash included. Default 128.
    pub namespace: usize,
    /// Bytes of a packet, its text and attachments together. Default 1,000,000.
    pub packet: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { attachments: 10, event_name: 128, namespace: 128, packet: 1_000_000 }
    }
}

#[cfg(test)]
mod tests;
