//! Socket.IO packets, protocol revision 5, default parser
//! (<https://socket.io/docs/v4/socket-io-protocol/>).
//!
//! [`Decoder`] reads the packets of one connection and joins them with their attachments; [`encode`] writes
//! a packet's text. A packet that comes out has been checked whole: its JSON is JSON, no deeper than
//! [`super::json::MAX_DEPTH`], every placeholder names an attachment that is there, and it keeps the
//! [`Limits`]. What goes beyond them is refused before it is stored.
//!
//! Arguments stay the text they came as: nothing is deserialized here, and nobody is told about anything.

mod decode;
mod encode;
mod packet;
mod text;

pub use decode::{DecodeError, Decoder};
pub use encode::{Kind, encode};
pub use packet::{Ack, AckParts, Event, EventName, EventParts, Packet};

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
