//! One outgoing packet, encoded once for every receiver and both transports.
//!
//! The bytes are WebSocket frames back to back: `[header][4][2["event",…]]`, then one binary frame per attachment.
//! A WebSocket takes them as they are; polling takes the slices behind the headers. So a packet and its attachments
//! are one element of a queue and cannot be torn apart, and no receiver costs a copy above the socket write.

use std::cell::RefCell;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::log::Offset;
use crate::protocol::engine::{SEPARATOR, put_binary};
use crate::protocol::socket::{self, Kind};
use crate::protocol::websocket::{self, MAX_HEADER, Opcode};

/// See the module. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    wire: Bytes,
    /// Where the packets of one with attachments lie. Thin, for many frames wait in many queues.
    units: Option<Arc<Vec<Unit>>>,
    /// Without attachments: bytes of the header.
    from: u8,
    binary: bool,
    class: Class,
}

/// What a packet is to the queues and the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// An acknowledgement, a ping, a CONNECT: never thrown away.
    Fixed,
    Event,
    /// An event whose last argument is room for an offset, see [`BLANK_OFFSET`].
    Numbered,
    /// A numbered event of a replay: bounded by the log, not by the outbox.
    Replayed,
}

/// What an event ends with that a log may remember: one more argument, filled in by each worker that delivers the event.
pub(crate) const BLANK_OFFSET: &[u8] = b",\"................\"";

#[derive(Clone, Copy, Debug)]
struct Unit {
    from: u32,
    to: u32,
    binary: bool,
}

impl Default for Frame {
    /// Nothing at all; never sent.
    fn default() -> Self {
        Self::one(Bytes::new(), 0, false, Class::Fixed)
    }
}

impl Frame {
    fn one(wire: Bytes, from: u8, binary: bool, class: Class) -> Self {
        Self { wire, units: None, from, binary, class }
    }

    /// An Engine.IO text packet with its type digit, such as `2` or `6`.
    pub(crate) fn control(packet: &str) -> Self {
        Self::single(Opcode::Text, &[], packet.as_bytes())
    }

    /// The ping of the heartbeat: the same bytes for everybody.
    pub(crate) fn ping() -> Self {
        Self::one(Bytes::from_static(&[0x81, 1, b'2']), 2, false, Class::Fixed)
    }

    /// An Engine.IO text message.
    pub(crate) fn message(text: &str) -> Self {
        Self::single(Opcode::Text, b"4", text.as_bytes())
    }

    /// An Engine.IO binary message.
    pub(crate) fn binary(data: &[u8]) -> Self {
        Self::single(Opcode::Binary, &[], data)
    }

    fn single(opcode: Opcode, prefix: &[u8], data: &[u8]) -> Self {
        let header = websocket::header(opcode, prefix.len() + data.len());
        let mut wire = Vec::with_capacity(header.len() + prefix.len() + data.len());
        wire.extend_from_slice(&header);
        wire.extend_from_slice(prefix);
        wire.extend_from_slice(data);
        Self::one(wire.into(), header.len() as u8, matches!(opcode, Opcode::Binary), Class::Fixed)
    }

    /// A Socket.IO packet. `write` appends the JSON and tells the attachments it met.
    ///
    /// The text's length is known only afterwards, so a gap is left for the header and then filled from its end. All is written into the
    /// thread's draft, and one copy of the right size is the only allocation.
    pub(crate) fn packet<E>(
        kind: Kind,
        namespace: &str,
        id: Option<u64>,
        write: impl FnOnce(&mut Vec<u8>) -> Result<Vec<Bytes>, E>,
    ) -> Result<Self, E> {
        Draft::with(|draft| {
            let put_head = |out: &mut Vec<u8>, attachments| {
                out.push(b'4');
                socket::encode(out, kind, namespace, id, attachments, &[]);
            };
            let wire = &mut draft.0;
            wire.extend_from_slice(&[0; MAX_HEADER]);
            put_head(wire, 0);
            let payload = wire.len();
            let attachments = write(wire)?;
            if !attachments.is_empty() {
                // Their number stands before the namespace.
                let mut head = Vec::new();
                put_head(&mut head, attachments.len());
                wire.splice(MAX_HEADER..payload, head);
            }
            let header = websocket::header(Opcode::Text, wire.len() - MAX_HEADER);
            let start = MAX_HEADER - header.len();
            wire[start..MAX_HEADER].copy_from_slice(&header);
            let units = (!attachments.is_empty()).then(|| put_attachments(wire, start, &attachments));
            let class = if matches!(kind, Kind::Event) { Class::Event } else { Class::Fixed };
            Ok(Self { units, ..Self::one(draft.take_from(start), header.len() as u8, false, class) })
        })
    }

    /// The WebSocket frames.
    #[cfg(test)]
    pub(crate) fn wire(&self) -> &Bytes {
        &self.wire
    }

    pub(crate) fn into_wire(self) -> Bytes {
        self.wire
    }

    /// Bytes this frame holds.
    pub(crate) fn len(&self) -> usize {
        self.wire.len()
    }

    /// Whether the policy "drop oldest" may throw it away: events only, never acks, pings or CONNECT.
    pub(crate) fn is_droppable(&self) -> bool {
        self.class != Class::Fixed
    }

    /// A copy of its own for another thread: reference counts stay on the core that uses them.
    pub(crate) fn localize(&self) -> Self {
        Self { wire: Bytes::copy_from_slice(&self.wire), units: self.units.clone(), ..*self }
    }

    /// Its JSON ends with a [`BLANK_OFFSET`] and a bracket.
    pub(crate) fn with_offset(self) -> Self {
        Self { class: Class::Numbered, ..self }
    }

    /// Whether it wants an offset.
    pub(crate) fn is_numbered(&self) -> bool {
        matches!(self.class, Class::Numbered | Class::Replayed)
    }

    /// With its offset written in. Copied only if somebody else holds its bytes.
    pub(super) fn stamped(self, offset: Offset) -> Self {
        let Some(at) = self.offset_at() else { return self };
        let mut wire = self.wire.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&shared[..]));
        if let Some(room) = wire.get_mut(at..at + Offset::LEN) {
            room.copy_from_slice(&offset.encode());
        }
        Self { wire: wire.freeze(), ..self }
    }

    /// Where the offset begins, behind everything but `"]`.
    fn offset_at(&self) -> Option<usize> {
        let end = match &self.units {
            _ if !self.is_numbered() => return None,
            None => self.wire.len(),
            Some(units) => units.first()?.to as usize,
        };
        end.checked_sub(Offset::LEN + 2)
    }

    pub(super) fn into_replayed(self) -> Self {
        Self { class: Class::Replayed, ..self }
    }

    pub(super) fn is_replayed(&self) -> bool {
        self.class == Class::Replayed
    }

    /// Appends the packets in polling form, each but the first of the payload behind a separator.
    pub(crate) fn put_polling(&self, out: &mut Vec<u8>) {
        self.each_unit(|data, binary| {
            if !out.is_empty() {
                out.push(SEPARATOR);
            }
            if binary { put_binary(out, data) } else { out.extend_from_slice(data) }
        });
    }

    /// Upper bound of what [`Self::put_polling`] appends.
    pub(crate) fn polling_len(&self) -> usize {
        let mut len = 0;
        self.each_unit(|data, binary| {
            len += if binary { data.len().div_ceil(3) * 4 + 2 } else { data.len() + 1 }
        });
        len
    }

    /// The Socket.IO text without its offset, and the attachments, for whoever wants to read an outgoing packet again.
    pub(crate) fn parts(&self) -> (String, Vec<Bytes>) {
        let (mut text, mut attachments) = (String::new(), Vec::new());
        self.each_unit(|data, binary| {
            if binary {
                attachments.push(Bytes::copy_from_slice(data));
            } else {
                text = String::from_utf8_lossy(data.get(1..).unwrap_or_default()).into_owned();
            }
        });
        if self.is_numbered() {
            text.truncate(text.len().saturating_sub(BLANK_OFFSET.len() + 1));
            text.push(']');
        }
        (text, attachments)
    }

    fn each_unit(&self, mut visit: impl FnMut(&[u8], bool)) {
        match &self.units {
            None => visit(&self.wire[usize::from(self.from)..], self.binary),
            Some(units) => {
                units.iter().for_each(|u| visit(&self.wire[u.from as usize..u.to as usize], u.binary));
            }
        }
    }
}

/// Appends the frames of a packet's attachments. `start` is where the packet's header begins.
fn put_attachments(wire: &mut Vec<u8>, start: usize, attachments: &[Bytes]) -> Arc<Vec<Unit>> {
    let at = |n: usize| (n - start) as u32;
    let mut units = vec![Unit { from: at(MAX_HEADER), to: at(wire.len()), binary: false }];
    for data in attachments {
        wire.extend_from_slice(&websocket::header(Opcode::Binary, data.len()));
        let from = at(wire.len());
        wire.extend_from_slice(data);
        units.push(Unit { from, to: at(wire.len()), binary: true });
    }
    Arc::new(units)
}

/// Where packets of a thread are written before their length is known. Its space is used again.
#[derive(Default)]
struct Draft(Vec<u8>);

thread_local! {
    static DRAFT: RefCell<Draft> = RefCell::default();
}

/// A packet that is larger keeps the space it was written in: copying it would cost more than allocating.
const DRAFT_SPACE: usize = 16 * 1024;

impl Draft {
    /// A value that is being written may itself send something, and finds an empty draft then.
    fn with<T>(write: impl FnOnce(&mut Self) -> T) -> T {
        let mut draft = DRAFT.try_with(RefCell::take).unwrap_or_default();
        draft.0.clear();
        let result = write(&mut draft);
        // Of a packet that failed: the next one would take this space along, however small it is.
        if draft.0.capacity() > DRAFT_SPACE {
            draft.0 = Vec::new();
        }
        let _ = DRAFT.try_with(|free| free.replace(draft));
        result
    }

    fn take_from(&mut self, start: usize) -> Bytes {
        if self.0.capacity() > DRAFT_SPACE {
            return Bytes::from(std::mem::take(&mut self.0)).slice(start..);
        }
        Bytes::copy_from_slice(&self.0[start..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(json: &str, attachments: Vec<Bytes>) -> Frame {
        let write = |out: &mut Vec<u8>| {
            out.extend_from_slice(json.as_bytes());
            Ok::<_, ()>(attachments)
        };
        Frame::packet(Kind::Event, "/chat", Some(7), write).unwrap()
    }

    #[test]
    fn a_large_packet_that_fails_leaves_no_space_to_the_next() {
        let failed = Frame::packet(Kind::Event, "/", None, |out: &mut Vec<u8>| {
            out.resize(1 << 20, b'x');
            Err(())
        });
        assert!(failed.is_err());
        Draft::with(|draft| assert!(draft.0.capacity() <= DRAFT_SPACE));
    }

    #[test]
    fn a_ping_is_the_control_packet_2() {
        let (ping, control) = (Frame::ping(), Frame::control("2"));
        assert_eq!(ping.wire(), control.wire());
        assert_eq!(ping.parts(), control.parts());
    }

    /// Rows: TRN-25, BRD-11
    #[test]
    fn one_encoding_serves_both_transports() {
        let frame = packet(r#"["hi",1]"#, vec![]);
        let text = br#"42/chat,7["hi",1]"#;
        assert_eq!(frame.wire()[..2], [0x81, text.len() as u8]);
        assert_eq!(&frame.wire()[2..], text);
        let mut body = Vec::new();
        frame.put_polling(&mut body);
        assert_eq!(body, text);
    }

    #[test]
    fn attachments_travel_with_their_packet() {
        let frame = packet(r#"["b",{"_placeholder":true,"num":0}]"#, vec![Bytes::from_static(&[1, 2, 3])]);
        assert!(frame.wire().ends_with(&[0x82, 3, 1, 2, 3]));
        let mut body = Vec::new();
        frame.put_polling(&mut body);
        assert_eq!(body, b"451-/chat,7[\"b\",{\"_placeholder\":true,\"num\":0}]\x1ebAQID");
        assert!(body.len() <= frame.polling_len());
    }

    #[test]
    fn long_texts_get_long_headers() {
        for len in [100, 126, 70_000] {
            let json = format!(r#"["{}"]"#, "x".repeat(len));
            let frame = packet(&json, vec![]);
            let mut decoder_input = frame.wire().to_vec();
            // A server frame is unmasked; only its length is checked here.
            let header = websocket::header(Opcode::Text, decoder_input.len() - header_len(&frame));
            assert_eq!(decoder_input.drain(..header.len()).collect::<Vec<_>>(), header.to_vec());
        }
    }

    fn header_len(frame: &Frame) -> usize {
        usize::from(frame.from)
    }
}
