//! A WebSocket's outgoing half as a response body: large frames in pieces.
//!
//! actix-http copies what a body gives into a buffer, takes no more once 32 KiB are in it, and keeps it as large as it has been, up to 128 KiB, for as long as
//! the connection lives. So a frame of 64 KiB would cost its connection 64 KiB for good.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use crate::worker::WireBody;

/// Two of them fill the buffer.
const PIECE: usize = 16 * 1024;

/// See the module.
#[derive(Debug)]
pub(super) struct Pieces {
    body: WireBody,
    /// Of a frame whose beginning was taken; of most the beginning is all.
    rest: Option<Box<Bytes>>,
}

impl Pieces {
    pub(super) fn of(body: WireBody) -> Self {
        Self { body, rest: None }
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
        if frame.len() > PIECE {
            let rest = frame.split_off(PIECE);
            self.rest = Some(Box::new(rest));
        }
        Poll::Ready(Some(Ok(frame)))
    }
}
