//! Where a client's stream is cut makes no difference to its messages or its violation.
//!
//! Input: the limit's index, the number of cuts, the cuts (each the length of a piece), the stream.

#![no_main]

use greenroom::protocol::websocket::{Decoder, Message, Violation};
use libfuzzer_sys::fuzz_target;

const LIMITS: [usize; 4] = [0, 100, 5_000, 1_000_000];

fn decode<'a>(limit: usize, pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<Message>, Option<Violation>) {
    let mut decoder = Decoder::new(limit);
    let mut messages = Vec::new();
    for mut piece in pieces {
        loop {
            match decoder.decode(&mut piece) {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break assert!(piece.is_empty()),
                Err(violation) => {
                    assert_eq!(decoder.decode(&mut piece), Err(violation));
                    assert!(!decoder.is_idle());
                    return (messages, Some(violation));
                }
            }
        }
    }
    (messages, None)
}

fn pieces<'a>(lengths: &'a [u8], mut stream: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut lengths = lengths.iter();
    std::iter::from_fn(move || {
        if stream.is_empty() {
            return None;
        }
        let length = lengths.next().map_or(stream.len(), |length| usize::from(*length).min(stream.len()));
        let (piece, rest) = stream.split_at(length);
        stream = rest;
        Some(piece)
    })
}

fuzz_target!(|input: &[u8]| {
    let [limit, cuts, rest @ ..] = input else { return };
    let limit = LIMITS[usize::from(*limit) % LIMITS.len()];
    let Some((cuts, stream)) = rest.split_at_checked(usize::from(*cuts % 16)) else { return };
    let whole = decode(limit, std::iter::once(stream));
    assert_eq!(whole, decode(limit, pieces(cuts, stream)));
    assert_eq!(whole, decode(limit, stream.chunks(1)));
    for message in &whole.0 {
        match message {
            Message::Text(text) => assert!(text.len() <= limit),
            Message::Binary(bytes) => assert!(bytes.len() <= limit),
            Message::Ping(bytes) | Message::Pong(bytes) => assert!(bytes.len() <= 125),
            Message::Close(close) => assert!(close.as_ref().is_none_or(|close| close.reason.len() <= 123)),
        }
    }
});
