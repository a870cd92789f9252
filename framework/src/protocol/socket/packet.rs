//! What comes out of the decoder.
//!
//! An event or an acknowledgement is the text it came as and the places of its parts in it: one buffer that
//! travels as it is to the handler, and on to other clients.

use bytes::Bytes;
use bytestring::ByteString;
use std::ops::Range;

/// A packet from a client, whole and checked. There is no connect error: clients do not send one.
#[derive(Clone, Debug)]
pub enum Packet {
    /// `0`: join a namespace.
    Connect {
        /// With its slash; `/` when the packet names none.
        namespace: ByteString,
        /// A JSON object as text, without white space around it.
        auth: Option<ByteString>,
    },
    /// `1`: leave a namespace.
    Disconnect {
        /// With its slash; `/` when the packet names none.
        namespace: ByteString,
    },
    /// `2` or `5`.
    Event(Event),
    /// `3` or `6`.
    Ack(Ack),
}

impl Packet {
    /// With its slash; `/` when the packet names none.
    #[must_use]
    pub fn namespace(&self) -> &str {
        match self {
            Self::Connect { namespace, .. } | Self::Disconnect { namespace } => namespace,
            Self::Event(event) => event.namespace(),
            Self::Ack(ack) => ack.namespace(),
        }
    }
}

/// A part of a packet's text. 32 bits, for a packet's text is never 4 GiB long.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// `None` when the range does not fit.
    pub(super) fn new(range: &Range<usize>) -> Option<Self> {
        Some(Self { start: range.start.try_into().ok()?, end: range.end.try_into().ok()? })
    }

    fn range(self) -> Range<usize> {
        usize::try_from(self.start).unwrap_or_default()..usize::try_from(self.end).unwrap_or_default()
    }

    fn of(self, text: &str) -> &str {
        text.get(self.range()).unwrap_or_default()
    }
}

/// The namespace at `span`; an empty span is the main one.
fn namespace_at(text: &str, span: Span) -> &str {
    match span.of(text) {
        "" => "/",
        namespace => namespace,
    }
}

fn bytes_of(text: &str, attachments: &[Bytes]) -> usize {
    attachments.iter().map(Bytes::len).fold(text.len(), usize::saturating_add)
}

/// An event with its arguments. `E` in `2/chat,7["say","hi"]`.
#[derive(Clone, Debug)]
pub struct Event {
    pub(super) text: ByteString,
    pub(super) namespace: Span,
    pub(super) id: Option<u64>,
    pub(super) name: Name,
    pub(super) args: Span,
    pub(super) attachments: Vec<Bytes>,
}

#[derive(Clone, Debug)]
pub(super) enum Name {
    At(Span),
    Unescaped(Box<str>),
}

impl Event {
    /// With its slash; `/` when the packet names none.
    #[must_use]
    pub fn namespace(&self) -> &str {
        namespace_at(&self.text, self.namespace)
    }

    /// The id the client wants an acknowledgement for, at most 2^53 - 1.
    #[must_use]
    pub fn id(&self) -> Option<u64> {
        self.id
    }

    /// The event's name, its escapes resolved. A number in the name's place is named by its own text.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.name {
            Name::At(span) => span.of(&self.text),
            Name::Unescaped(name) => name,
        }
    }

    /// The arguments' JSON between the name's comma and the closing bracket: `1,{"a":2}`. Empty when there
    /// are none; white space may stand around it.
    #[must_use]
    pub fn args(&self) -> &str {
        self.args.of(&self.text)
    }

    /// What the placeholders in the arguments stand for, by number.
    #[must_use]
    pub fn attachments(&self) -> &[Bytes] {
        &self.attachments
    }

    /// Bytes of the packet's text and attachments.
    #[must_use]
    pub fn size(&self) -> usize {
        bytes_of(&self.text, &self.attachments)
    }

    /// The same event under another name and with other arguments. `None` when they are too long.
    pub(crate) fn rewritten(&self, name: &str, args: &str, attachments: Vec<Bytes>) -> Option<Self> {
        let namespace = self.namespace.of(&self.text);
        let text = ByteString::from([namespace, args].concat());
        Some(Self {
            namespace: Span::new(&(0..namespace.len()))?,
            id: self.id,
            name: Name::Unescaped(name.into()),
            args: Span::new(&(namespace.len()..text.len()))?,
            text,
            attachments,
        })
    }

    /// The packet taken apart, nothing copied.
    #[must_use]
    pub fn into_parts(self) -> EventParts {
        EventParts {
            namespace: self.namespace.range(),
            id: self.id,
            name: match self.name {
                Name::At(span) => EventName::At(span.range()),
                Name::Unescaped(name) => EventName::Unescaped(name),
            },
            args: self.args.range(),
            text: self.text,
            attachments: self.attachments,
        }
    }
}

/// An [`Event`] in parts. Ranges are of `text`.
#[derive(Clone, Debug)]
pub struct EventParts {
    /// The packet's text.
    pub text: ByteString,
    /// The namespace's name; empty for the main one.
    pub namespace: Range<usize>,
    /// See [`Event::id`].
    pub id: Option<u64>,
    /// The event's name.
    pub name: EventName,
    /// See [`Event::args`].
    pub args: Range<usize>,
    /// See [`Event::attachments`].
    pub attachments: Vec<Bytes>,
}

/// Where an event's name is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventName {
    /// Here in the packet's text, without quotes.
    At(Range<usize>),
    /// The name had escapes; this is what they stand for.
    Unescaped(Box<str>),
}

/// A client's answer to an event it was sent. `3/chat,7["seen"]`.
#[derive(Clone, Debug)]
pub struct Ack {
    pub(super) text: ByteString,
    pub(super) namespace: Span,
    pub(super) id: u64,
    pub(super) args: Span,
    pub(super) attachments: Vec<Bytes>,
}

impl Ack {
    /// With its slash; `/` when the packet names none.
    #[must_use]
    pub fn namespace(&self) -> &str {
        namespace_at(&self.text, self.namespace)
    }

    /// The id of the event that is acknowledged, as the client gives it: at most 2^53 - 1, perhaps never
    /// asked for.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The JSON between the brackets, perhaps empty; white space may stand around it.
    #[must_use]
    pub fn args(&self) -> &str {
        self.args.of(&self.text)
    }

    /// What the placeholders in the arguments stand for, by number.
    #[must_use]
    pub fn attachments(&self) -> &[Bytes] {
        &self.attachments
    }

    /// Bytes of the packet's text and attachments.
    #[must_use]
    pub fn size(&self) -> usize {
        bytes_of(&self.text, &self.attachments)
    }

    /// The packet taken apart, nothing copied.
    #[must_use]
    pub fn into_parts(self) -> AckParts {
        AckParts {
            namespace: self.namespace.range(),
            id: self.id,
            args: self.args.range(),
            text: self.text,
            attachments: self.attachments,
        }
    }
}

/// An [`Ack`] in parts. Ranges are of `text`.
#[derive(Clone, Debug)]
pub struct AckParts {
    /// The packet's text.
    pub text: ByteString,
    /// The namespace's name; empty for the main one.
    pub namespace: Range<usize>,
    /// See [`Ack::id`].
    pub id: u64,
    /// See [`Ack::args`].
    pub args: Range<usize>,
    /// See [`Ack::attachments`].
    pub attachments: Vec<Bytes>,
}
