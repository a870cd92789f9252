//! A WebSocket's outgoing half as a response body: large frames in pieces, small ones joined.
//!
//! actix-http copies what a body gives into a buffer, takes no more once 32 KiB are in it, and keeps it as large as it has been, up to 128 KiB, for as long as
//! the connection lives. So a frame of 64 KiB would cost its connection 64 KiB for good. And it asks for each piece through several layers: what a turn
//! has for a client is one, unless that is much.

use std::cell::RefCell;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;

use crate::worker::WireBody;

/// Two of them fill the buffer.
const PIECE: usize = 16 * 1024;

/// Frames below are joined: copying more than that costs more than being asked for it.
const SMALL: usize = 2 * 1024;

thread_local! {
    /// Its space is used again as soon as actix-http has copied what was in it.
    static JOINED: RefCell<BytesMut> = RefCell::default();
}

/// See the module.
#[derive(Debug)]
pub(super) struct Pieces {
    body: WireBody,
    /// What was taken and has not left: the end of a large frame, or one behind small ones. Mostly there is nothing.
    rest: Option<Box<Bytes>>,
}

impl Pieces {
    pub(super) fn of(body: WireBody) -> Self {
        Self { body, rest: None }
    }

    /// `first` with the small frames behind it. No more than a piece.
    fn join(&mut self, first: Bytes) -> Bytes {
        let Some(second) = self.next_small() else { return first };
        JOINED.with_borrow_mut(|joined| {
            joined.extend_from_slice(&first);
            joined.extend_from_slice(&second);
            while joined.len() + SMALL <= PIECE
                && let Some(next) = self.next_small()
            {
                joined.extend_from_slice(&next);
            }
            joined.split().freeze()
        })
    }

    /// A frame that is not small has its turn later.
    fn next_small(&mut self) -> Option<Bytes> {
        if self.rest.is_some() {
            return None;
        }
        let frame = self.body.take_more()?;
        if frame.len() <= SMALL {
            return Some(frame);
        }
        self.rest = Some(Box::new(frame));
        None
    }
}

impl Stream for Pieces {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut frame = match self.rest.take() {
            Some(rest) => *rest,
            None => match ready!(Pin::new(&mut self.body).poll_next(cx)) {
                Some(Ok(frame)) => frame,
                end => return Poll::Ready(end),
            },
        };
        if frame.len() <= SMALL {
            frame = self.join(frame);
        } else if frame.len() > PIECE {
            let rest = frame.split_off(PIECE);
            self.rest = Some(Box::new(rest));
        }
        Poll::Ready(Some(Ok(frame)))
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;
    use std::sync::Arc;
    use std::task::Waker;
    use std::time::Instant;

    use super::*;
    use crate::config::Options;
    use crate::engine::session::TransportKind;
    use crate::worker::{Fleet, Frame, Home, HubInner, Link, LinkOut, Wire};

    /// What a body gives of messages of these lengths, and all that was sent.
    fn given(lengths: &[usize]) -> (Vec<Bytes>, Vec<u8>) {
        let fleet = Arc::new(Fleet::new(1, Options::new().settings()));
        let hub = HubInner::start(&fleet, Box::new(|_, _| {})).expect("a berth");
        let line = hub.open(TransportKind::WebSocket, Instant::now()).expect("room");
        let wire = Wire::new(&hub, Home::Here(line.clone()), 1);
        line.open_over(Link { id: 1, out: LinkOut::Local(Rc::clone(&wire)) });
        let mut body = Pieces::of(wire.body());
        let mut sent = Vec::new();
        for (n, length) in lengths.iter().enumerate() {
            let frame = Frame::message(&n.to_string().repeat(*length)[..*length]);
            sent.extend_from_slice(frame.wire());
            assert!(line.offer(&hub, frame, false));
        }
        let mut next = || Pin::new(&mut body).poll_next(&mut Context::from_waker(Waker::noop()));
        let mut pieces = Vec::new();
        while let Poll::Ready(Some(Ok(piece))) = next() {
            pieces.push(piece);
        }
        (pieces, sent)
    }

    #[actix_rt::test]
    async fn small_frames_are_joined_large_ones_cut_and_all_leave_in_order() {
        let (pieces, sent) = given(&[10, 20, 5_000, 30, 40_000, 40, 50]);
        assert_eq!(pieces.concat(), sent);
        let lengths: Vec<_> = pieces.iter().map(Bytes::len).collect();
        let (headers, type_digits) = (2, 1);
        let small = |length: usize| length + headers + type_digits;
        assert_eq!(lengths[..3], [small(10) + small(20), 5_005, small(30)]);
        assert_eq!(lengths[3..], [PIECE, PIECE, 40_005 - 2 * PIECE, small(40) + small(50)]);
    }

    #[actix_rt::test]
    async fn no_more_than_a_piece_is_joined() {
        let (pieces, sent) = given(&[1_000; 100]);
        assert_eq!(pieces.concat(), sent);
        assert!(pieces.iter().all(|piece| piece.len() <= PIECE));
        assert!(pieces.len() <= 8, "{} pieces of {} bytes", pieces.len(), sent.len());
    }
}
