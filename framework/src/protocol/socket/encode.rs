//! The text form of a packet, written.

use std::io::Write as _;

/// What a server sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `0`: the namespace is joined; the payload is an object with `sid`.
    Connect,
    /// `1`: the namespace is left; no payload.
    Disconnect,
    /// `2`, or `5` with attachments: an array that starts with the event's name.
    Event,
    /// `3`, or `6` with attachments: an array.
    Ack,
    /// `4`: the namespace was not joined; an object with `message`.
    ConnectError,
}

/// Appends the packet's text, without the Engine.IO type before it. An event or acknowledgement with
/// attachments becomes its binary type with their number. `namespace` starts with `/`; `json` is the payload
/// as it is to be sent, empty for none.
pub fn encode(
    out: &mut Vec<u8>,
    kind: Kind,
    namespace: &str,
    id: Option<u64>,
    attachments: usize,
    json: &[u8],
) {
    let digit = match kind {
        Kind::Connect => b'0',
        Kind::Disconnect => b'1',
        Kind::Event if attachments > 0 => b'5',
        Kind::Event => b'2',
        Kind::Ack if attachments > 0 => b'6',
        Kind::Ack => b'3',
        Kind::ConnectError => b'4',
    };
    out.push(digit);
    // Writing to a `Vec` cannot fail.
    if attachments > 0 && matches!(kind, Kind::Event | Kind::Ack) {
        let _ = write!(out, "{attachments}-");
    }
    if namespace != "/" {
        out.extend_from_slice(namespace.as_bytes());
        out.push(b',');
    }
    if let Some(id) = id {
        let _ = write!(out, "{id}");
    }
    out.extend_from_slice(json);
}
