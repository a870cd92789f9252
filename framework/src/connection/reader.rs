//! Reading one WebSocket: bytes in, messages out, and what RFC 6455 wants answered on the spot.
//!
//! Step 2 of 8 of an event's way through the framework; the crate's front page names them all.

use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use tokio::time::Sleep;

use crate::protocol::websocket::{self, Decoder, Message, Opcode, Violation};
use crate::worker::{ByteStream, LinkEnd, Wire};

/// How long a message may stay unfinished.
const UNFINISHED: Duration = Duration::from_secs(30);

/// Bytes that may be read of a client that is held back.
const AHEAD: usize = 16 * 1024;

/// What a WebSocket brought.
#[derive(Debug)]
pub(crate) enum Read {
    /// Text or binary.
    Message(Message),
    /// It is over. What had to be said to the peer was said.
    Ended(LinkEnd),
}

/// See the module.
pub(crate) struct Reader {
    wire: Rc<Wire>,
    /// `None` from its end on.
    bytes: Option<ByteStream>,
    /// Read while the client was held back, or left over when a turn ended; mostly there is nothing.
    #[expect(clippy::box_collection, reason = "every connection has the place, hardly one has the queue")]
    ahead: Option<Box<VecDeque<Bytes>>>,
    decoder: Decoder,
    unfinished: Option<Pin<Box<Sleep>>>,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("wire", &self.wire).finish_non_exhaustive()
    }
}

impl Reader {
    pub(crate) fn new(wire: Rc<Wire>, bytes: ByteStream, max_message: usize) -> Self {
        Self { wire, bytes: Some(bytes), ahead: None, decoder: Decoder::new(max_message), unfinished: None }
    }

    pub(crate) fn wire(&self) -> &Rc<Wire> {
        &self.wire
    }

    /// What an earlier turn left. What this one leaves belongs into [`keep`](Self::keep): a connection has no place for it of its own.
    pub(crate) fn begin(&mut self) -> Bytes {
        self.ahead.as_mut().and_then(|ahead| ahead.pop_front()).unwrap_or_default()
    }

    /// The turn ends.
    pub(crate) fn keep(&mut self, chunk: Bytes) {
        if !chunk.is_empty() {
            self.ahead.get_or_insert_default().push_front(chunk);
        }
    }

    /// Reads on from `chunk`, and behind it.
    pub(crate) fn poll(&mut self, chunk: &mut Bytes, cx: &mut Context<'_>) -> Poll<Read> {
        loop {
            while !chunk.is_empty() {
                let mut input = &chunk[..];
                let decoded = self.decoder.decode(&mut input);
                let taken = chunk.len() - input.len();
                chunk.advance(taken);
                match decoded {
                    Ok(Some(message)) => {
                        self.unfinished = None;
                        if let Some(read) = self.received(message) {
                            return Poll::Ready(read);
                        }
                    }
                    Ok(None) => break,
                    Err(violation) => return Poll::Ready(self.violated(violation)),
                }
            }
            // Nothing of the transport's read buffer stays pinned by an empty slice.
            *chunk = Bytes::new();
            match self.next_chunk(cx) {
                Poll::Ready(Some(next)) => *chunk = next,
                Poll::Ready(None) => return Poll::Ready(Read::Ended(LinkEnd::Closed)),
                Poll::Pending => return self.wait(cx),
            }
        }
    }

    fn next_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Some(ahead) = &mut self.ahead {
            match ahead.pop_front() {
                Some(chunk) => return Poll::Ready(Some(chunk)),
                None => self.ahead = None,
            }
        }
        let Some(bytes) = &mut self.bytes else { return Poll::Ready(None) };
        match ready!(bytes.as_mut().poll_next(cx)) {
            Some(Ok(chunk)) => Poll::Ready(Some(chunk)),
            Some(Err(_)) | None => {
                self.ends();
                Poll::Ready(None)
            }
        }
    }

    /// While the client is held back: reads on a little, so that the end of its connection is noticed. Behind a body, HTTP does that.
    pub(crate) fn read_ahead(&mut self, cx: &mut Context<'_>) {
        while self.wire.is_direct()
            && let Some(bytes) = &mut self.bytes
            && self.ahead.iter().flat_map(|ahead| ahead.iter()).map(Bytes::len).sum::<usize>() < AHEAD
            && let Poll::Ready(read) = bytes.as_mut().poll_next(cx)
        {
            match read {
                // A copy: the rest of the thread's read buffer is free again.
                Some(Ok(chunk)) => {
                    self.ahead.get_or_insert_default().push_back(Bytes::copy_from_slice(&chunk));
                }
                Some(Err(_)) | None => self.ends(),
            }
        }
    }

    fn ends(&mut self) {
        self.bytes = None;
        self.wire.cut();
    }

    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<Read> {
        if self.decoder.is_idle() {
            return Poll::Pending;
        }
        let sleep = self.unfinished.get_or_insert_with(|| Box::pin(tokio::time::sleep(UNFINISHED)));
        if std::future::Future::poll(sleep.as_mut(), cx).is_pending() {
            return Poll::Pending;
        }
        self.wire.close(websocket::close_frame(Some(1008), ""));
        Poll::Ready(Read::Ended(LinkEnd::Violated))
    }

    fn received(&self, message: Message) -> Option<Read> {
        match message {
            Message::Text(_) | Message::Binary(_) => Some(Read::Message(message)),
            Message::Ping(data) => {
                let mut pong = Vec::with_capacity(data.len() + 2);
                websocket::put_frame(&mut pong, Opcode::Pong, &data);
                self.wire.pong(pong.into());
                None
            }
            Message::Pong(_) => None,
            Message::Close(frame) => {
                // RFC 6455, 5.5.1: the answer to a close frame usually echoes its code.
                self.wire.close(websocket::close_frame(frame.map(|frame| frame.code), ""));
                Some(Read::Ended(LinkEnd::Closed))
            }
        }
    }

    fn violated(&self, violation: Violation) -> Read {
        self.wire.close(websocket::close_frame(Some(violation.close_code()), ""));
        Read::Ended(LinkEnd::Violated)
    }
}
