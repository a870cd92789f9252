//! The text form of a packet:
//! `type[attachments-][/namespace,][id][json]`.
//!
//! A namespace starts at `/` and ends at `,` or with the packet; an id is what digits stand before the JSON.

use super::{
    Ack, DecodeError, Event, Limits, Packet,
    packet::{Name, Span},
};
use crate::protocol::json::{self, Kind};
use bytestring::ByteString;
use std::ops::Range;

/// The greatest integer JavaScript counts to exactly, 2^53 - 1.
const MAX_ID: u64 = 9_007_199_254_740_991;

/// Names of events that both ends raise themselves; a peer must not be able to (socket.io-parser,
/// `RESERVED_EVENTS`).
pub(crate) const RESERVED_EVENTS: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

/// The name itself when it is one of [`RESERVED_EVENTS`].
fn reserved(name: &str) -> Option<&'static str> {
    RESERVED_EVENTS.iter().copied().find(|reserved| *reserved == name)
}

/// What stands before the payload.
struct Head {
    /// Empty for the main namespace.
    namespace: Range<usize>,
    id: Option<u64>,
    /// Where the payload starts, if there is one.
    payload: Option<usize>,
}

/// A packet from its text, which begins at byte `start`, and the number of attachments that are to follow it.
pub(super) fn decode(
    text: ByteString,
    start: usize,
    limits: &Limits,
) -> Result<(Packet, usize), DecodeError> {
    let packet = text.get(start..).unwrap_or_default();
    if packet.len() > limits.packet || u32::try_from(text.len()).is_err() {
        return Err(DecodeError::TooBig { limit: limits.packet });
    }
    let kind = packet.as_bytes().first().copied().ok_or(DecodeError::Empty)?;
    let after_kind = packet.get(1..).unwrap_or_default();
    let (expected, rest) = match kind {
        b'0'..=b'3' => (None, after_kind),
        b'4' => return Err(DecodeError::ConnectError),
        b'5' | b'6' => {
            let (count, rest) = attachments(after_kind, limits)?;
            (Some(count), rest)
        }
        unknown => return Err(DecodeError::UnknownType(unknown)),
    };
    let head = head(&text, start, rest, limits)?;
    let packet = match kind {
        b'0' => connect(&text, &head)?,
        b'1' => disconnect(&text, start, &head)?,
        b'2' | b'5' => event(text, &head, expected, limits)?,
        _ => ack(text, &head, expected)?,
    };
    Ok((packet, expected.unwrap_or_default()))
}

/// The number of attachments, and what follows its `-`.
fn attachments<'a>(text: &'a str, limits: &Limits) -> Result<(usize, &'a str), DecodeError> {
    let (digits, rest) = text.split_once('-').ok_or(DecodeError::AttachmentCount)?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DecodeError::AttachmentCount);
    }
    // Digits that do not fit are a number beyond any limit.
    match digits.parse().unwrap_or(usize::MAX) {
        0 => Err(DecodeError::NoAttachments),
        count if count > limits.attachments => {
            Err(DecodeError::TooManyAttachments { limit: limits.attachments })
        }
        count => Ok((count, rest)),
    }
}

/// Reads the head from `rest`, the end of `text`, whose packet begins at byte `start`.
fn head(text: &str, start: usize, mut rest: &str, limits: &Limits) -> Result<Head, DecodeError> {
    let position = |rest: &str| text.len().saturating_sub(rest.len());
    let begin = position(rest);
    let mut namespace = begin..begin;
    if rest.starts_with('/') {
        let (name, after) = rest.split_once(',').unwrap_or((rest, ""));
        if name.len() > limits.namespace {
            return Err(DecodeError::LongNamespace { limit: limits.namespace, found: name.len() });
        }
        namespace = begin..begin.saturating_add(name.len());
        rest = after;
    }
    let at = position(rest).saturating_sub(start);
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, payload) = rest.split_at_checked(digits).unwrap_or_default();
    let id = if digits.is_empty() {
        None
    } else {
        let id = digits.parse().ok().filter(|id| *id <= MAX_ID);
        Some(id.ok_or(DecodeError::Id { at })?)
    };
    let payload = if payload.is_empty() { None } else { Some(position(payload)) };
    Ok(Head { namespace, id, payload })
}

fn connect(text: &ByteString, head: &Head) -> Result<Packet, DecodeError> {
    let auth = match head.payload {
        None => None,
        Some(start) => {
            let payload = text.get(start..).unwrap_or_default();
            let object = json::object(payload)?;
            payload.get(object).map(|object| text.slice_ref(object))
        }
    };
    Ok(Packet::Connect { namespace: namespace(text, head), auth })
}

fn disconnect(text: &ByteString, start: usize, head: &Head) -> Result<Packet, DecodeError> {
    match head.payload {
        None => Ok(Packet::Disconnect { namespace: namespace(text, head) }),
        Some(at) => Err(DecodeError::UnexpectedPayload { at: at.saturating_sub(start) }),
    }
}

fn namespace(text: &ByteString, head: &Head) -> ByteString {
    match text.get(head.namespace.clone()) {
        None | Some("" | "/") => ByteString::from_static("/"),
        Some(name) => text.slice_ref(name),
    }
}

fn event(
    text: ByteString,
    head: &Head,
    expected: Option<usize>,
    limits: &Limits,
) -> Result<Packet, DecodeError> {
    let (start, array) = array(&text, head, expected)?;
    let (kind, first) = array.first.ok_or(DecodeError::NoEventName("an empty array"))?;
    let too_big = DecodeError::TooBig { limit: limits.packet };
    let at = |range: Range<usize>| {
        Span::new(&(start.saturating_add(range.start)..start.saturating_add(range.end)))
            .ok_or(too_big.clone())
    };
    let element = text.get(start..).and_then(|payload| payload.get(first.clone())).unwrap_or_default();
    let name = match kind {
        Kind::Number => Name::At(at(first)?),
        Kind::String if element.bytes().any(|byte| byte == b'\\') => {
            let raw = element.get(1..element.len().saturating_sub(1)).unwrap_or_default();
            Name::Unescaped(json::unescape(raw).unwrap_or_default().into())
        }
        Kind::String => Name::At(at(first.start.saturating_add(1)..first.end.saturating_sub(1))?),
        Kind::Object => return Err(DecodeError::NoEventName("an object")),
        Kind::Array => return Err(DecodeError::NoEventName("an array")),
        Kind::Bool => return Err(DecodeError::NoEventName("a boolean")),
        Kind::Null => return Err(DecodeError::NoEventName("null")),
    };
    let args = at(array.rest)?;
    let namespace = Span::new(&head.namespace).ok_or(too_big)?;
    let event = Event { text, namespace, id: head.id, name, args, attachments: Vec::new() };
    if let Some(reserved) = reserved(event.name()) {
        return Err(DecodeError::ReservedEventName(reserved));
    }
    let found = event.name().len();
    if found > limits.event_name {
        return Err(DecodeError::LongEventName { limit: limits.event_name, found });
    }
    Ok(Packet::Event(event))
}

fn ack(text: ByteString, head: &Head, expected: Option<usize>) -> Result<Packet, DecodeError> {
    let id = head.id.ok_or(DecodeError::NoId)?;
    let (start, array) = array(&text, head, expected)?;
    let args = start.saturating_add(array.inside.start)..start.saturating_add(array.inside.end);
    let spans = Span::new(&head.namespace).zip(Span::new(&args));
    let (namespace, args) = spans.ok_or(DecodeError::TooBig { limit: text.len() })?;
    Ok(Packet::Ack(Ack { text, namespace, id, args, attachments: Vec::new() }))
}

/// The payload as an array, and where the payload starts; the array's ranges count from there.
fn array(text: &str, head: &Head, expected: Option<usize>) -> Result<(usize, json::Array), DecodeError> {
    let start = head.payload.ok_or(DecodeError::NoPayload)?;
    let array = json::array(text.get(start..).unwrap_or_default(), expected)?;
    Ok((start, array))
}
