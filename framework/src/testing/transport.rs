//! A WebSocket without a socket: what a client sends as frames, and the server's frames as what they say.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::{Poll, Waker};

use bytes::{Buf, Bytes};
use bytestring::ByteString;

use crate::protocol::websocket::{self, Opcode};
use crate::worker::ByteStream;

#[derive(Debug, Default)]
struct Flow {
    frames: VecDeque<Bytes>,
    closed: bool,
    waker: Option<Waker>,
}

/// What the client has sent and the server has not read. A server that holds its client back leaves it here.
#[derive(Clone, Debug, Default)]
pub(super) struct Pipe(Rc<RefCell<Flow>>);

impl Pipe {
    /// Sends one frame.
    pub(super) fn send(&self, opcode: Opcode, payload: &[u8]) {
        self.change(|flow| flow.frames.push_back(client_frame(opcode, payload)));
    }

    /// The connection is gone once the server has read what was sent.
    pub(super) fn close(&self) {
        self.change(|flow| flow.closed = true);
    }

    fn change(&self, f: impl FnOnce(&mut Flow)) {
        let mut flow = self.0.borrow_mut();
        f(&mut flow);
        let waker = flow.waker.take();
        drop(flow);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The server's end.
    pub(super) fn bytes(&self) -> ByteStream {
        let pipe = self.0.clone();
        let frames = futures_util::stream::poll_fn(move |cx| {
            let mut flow = pipe.borrow_mut();
            match flow.frames.pop_front() {
                Some(frame) => Poll::Ready(Some(Ok(frame))),
                None if flow.closed => Poll::Ready(None),
                None => {
                    flow.waker = Some(cx.waker().clone());
                    Poll::Pending
                }
            }
        });
        Box::pin(frames)
    }
}

/// RFC 6455, 5.3: a client masks what it sends. This mask changes nothing.
fn client_frame(opcode: Opcode, payload: &[u8]) -> Bytes {
    let mut frame = websocket::header(opcode, payload.len()).to_vec();
    if let Some(length) = frame.get_mut(1) {
        *length |= 0x80;
    }
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(payload);
    frame.into()
}

/// What a frame of the server says.
#[derive(Debug)]
pub(super) enum Incoming {
    Text(ByteString),
    Binary(Bytes),
    Pong,
    Close(Option<u16>),
}

/// Takes the first of the frames. A server never cuts a message into frames, nor a frame into pieces.
pub(super) fn take_frame(frames: &mut Bytes) -> Option<Incoming> {
    let (first, second) = (*frames.first()?, *frames.get(1)?);
    let number =
        |range| frames.get(range).map(|bytes: &[u8]| bytes.iter().fold(0, |n, b| n << 8 | usize::from(*b)));
    let (head, len) = match second {
        126 => (4, number(2..4)?),
        127 => (10, number(2..10)?),
        short => (2, usize::from(short)),
    };
    frames.advance(head);
    let payload = frames.split_to(len.min(frames.len()));
    match first & 0x0f {
        1 => ByteString::try_from(payload).ok().map(Incoming::Text),
        2 => Some(Incoming::Binary(payload)),
        8 => Some(Incoming::Close(payload.first_chunk().map(|code| u16::from_be_bytes(*code)))),
        10 => Some(Incoming::Pong),
        _ => None,
    }
}
