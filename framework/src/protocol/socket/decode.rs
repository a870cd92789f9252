//! One connection's packets, joined with their attachments.

use super::{Ack, Event, Limits, Packet, text};
use crate::protocol::json;
use bytes::Bytes;
use bytestring::ByteString;
use std::sync::Arc;

/// Decodes the packets of one connection, in the order its messages came.
///
/// It stores at most one packet, and of that no more than [`Limits::packet`] bytes. After an error it holds
/// nothing; the session is to be closed.
#[derive(Debug)]
pub struct Decoder {
    /// The same for all connections of a server.
    limits: Arc<Limits>,
    /// Boxed, as mostly there is none and a connection keeps this for good.
    waiting: Option<Box<Waiting>>,
}

/// A packet some of whose attachments have not come.
#[derive(Debug)]
struct Waiting {
    packet: Packet,
    expected: usize,
    size: usize,
}

/// Why a packet was refused. Positions are in bytes from the start of the packet or of its payload.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A packet without even a type.
    #[error("expected a packet, found nothing")]
    Empty,
    /// The first byte is no type.
    #[error("expected a packet type from 0 to 6, found byte {0:#04x}")]
    UnknownType(u8),
    /// A connect error, which only servers send.
    #[error("expected a packet that clients send, found a connect error")]
    ConnectError,
    /// A binary packet without digits and `-` after its type.
    #[error("expected the number of attachments and `-` after the type, found something else")]
    AttachmentCount,
    /// A binary packet that announces no attachments.
    #[error("expected at least one attachment in a binary packet, found 0 announced")]
    NoAttachments,
    /// A binary packet that announces too many attachments.
    #[error("expected at most {limit} attachments, found more announced")]
    TooManyAttachments {
        /// [`Limits::attachments`].
        limit: usize,
    },
    /// A text where an attachment should come.
    #[error("expected attachment {number} of {expected}, found a text packet")]
    TextForAttachment {
        /// Which one, counted from 1.
        number: usize,
        /// How many were announced.
        expected: usize,
    },
    /// Binary data that no packet announced.
    #[error("expected a text packet, found binary data that none announced")]
    UnexpectedBinary,
    /// A packet that is too long, with its attachments.
    #[error("expected a packet of at most {limit} bytes, attachments included, found more")]
    TooBig {
        /// [`Limits::packet`].
        limit: usize,
    },
    /// A namespace whose name is too long.
    #[error("expected a namespace of at most {limit} bytes, found {found}")]
    LongNamespace {
        /// [`Limits::namespace`].
        limit: usize,
        /// Bytes of the name.
        found: usize,
    },
    /// An id beyond the integers JavaScript counts with.
    #[error("expected an id of at most 9007199254740991, found a greater one at byte {at}")]
    Id {
        /// Where it starts in the packet.
        at: usize,
    },
    /// An acknowledgement of nothing.
    #[error("expected an id in an acknowledgement, found none")]
    NoId,
    /// An event or acknowledgement without a payload.
    #[error("expected an array after the packet's head, found the end")]
    NoPayload,
    /// A disconnect with a payload.
    #[error("expected nothing more in a disconnect, found a payload at byte {at}")]
    UnexpectedPayload {
        /// Where it starts in the packet.
        at: usize,
    },
    /// A payload that is not the JSON it should be; the source says where.
    #[error("the packet's payload cannot be read")]
    Payload(#[from] json::Error),
    /// An event whose first element is neither a string nor a number.
    #[error("expected a name as the first element of an event, found {0}")]
    NoEventName(&'static str),
    /// An event with a name that the library keeps for its own events.
    #[error("expected an event name of the application's, found the reserved `{0}`")]
    ReservedEventName(&'static str),
    /// An event whose name is too long.
    #[error("expected an event name of at most {limit} bytes, found {found}")]
    LongEventName {
        /// [`Limits::event_name`].
        limit: usize,
        /// Bytes of the name.
        found: usize,
    },
}

impl Decoder {
    /// A decoder at the start of a connection.
    #[must_use]
    pub fn new(limits: impl Into<Arc<Limits>>) -> Self {
        Self { limits: limits.into(), waiting: None }
    }

    /// Takes a text message. `None`: the packet has attachments, which come next.
    ///
    /// # Errors
    ///
    /// It is not a packet a client may send now, or it goes beyond a limit.
    pub fn text(&mut self, text: ByteString) -> Result<Option<Packet>, DecodeError> {
        self.text_from(text, 0)
    }

    /// As [`Self::text`], of a packet that begins at byte `start` of the text: behind its Engine.IO type, which need not
    /// be cut off then.
    ///
    /// # Errors
    ///
    /// As those of [`Self::text`].
    pub(crate) fn text_from(
        &mut self,
        text: ByteString,
        start: usize,
    ) -> Result<Option<Packet>, DecodeError> {
        if let Some(waiting) = self.waiting.take() {
            let Waiting { packet, expected, .. } = *waiting;
            let number = packet.attachments().len().saturating_add(1);
            return Err(DecodeError::TextForAttachment { number, expected });
        }
        let size = text.len().saturating_sub(start);
        let (packet, expected) = text::decode(text, start, &self.limits)?;
        if expected == 0 {
            return Ok(Some(packet));
        }
        self.waiting = Some(Box::new(Waiting { packet, expected, size }));
        Ok(None)
    }

    /// Takes a binary message: the next attachment of the packet before. `None`: more are to come.
    ///
    /// # Errors
    ///
    /// No attachment was announced, or the packet becomes longer than [`Limits::packet`].
    pub fn binary(&mut self, data: Bytes) -> Result<Option<Packet>, DecodeError> {
        let mut waiting = self.waiting.take().ok_or(DecodeError::UnexpectedBinary)?;
        waiting.size = waiting.size.saturating_add(data.len());
        if waiting.size > self.limits.packet {
            return Err(DecodeError::TooBig { limit: self.limits.packet });
        }
        if waiting.packet.attach(data) < waiting.expected {
            self.waiting = Some(waiting);
            return Ok(None);
        }
        Ok(Some(waiting.packet))
    }

    /// No attachment is awaited.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.waiting.is_none()
    }
}

impl Packet {
    fn attachments(&self) -> &[Bytes] {
        match self {
            Self::Event(event) => &event.attachments,
            Self::Ack(ack) => &ack.attachments,
            Self::Connect { .. } | Self::Disconnect { .. } => &[],
        }
    }

    /// Adds an attachment, and says how many there are now.
    fn attach(&mut self, data: Bytes) -> usize {
        match self {
            Self::Event(Event { attachments, .. }) | Self::Ack(Ack { attachments, .. }) => {
                attachments.push(data);
                attachments.len()
            }
            Self::Connect { .. } | Self::Disconnect { .. } => usize::MAX,
        }
    }
}
