//! What the project's benchmarks and its counts of allocations reach for; no part of the API.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Poll, Waker};

use bytes::Bytes;

use crate::server::Greenroom;
use crate::socket::Request;
use crate::web::Desk;
use crate::worker::{Line, WireBody};

#[derive(Default)]
struct Incoming {
    chunks: VecDeque<Bytes>,
    waker: Option<Waker>,
}

/// A WebSocket without a network and without a client: chunks of masked frames go in, frames come out.
#[derive(Clone)]
pub struct Loopback {
    incoming: Rc<RefCell<Incoming>>,
    line: Rc<Line>,
    _body: Rc<WireBody>,
}

impl std::fmt::Debug for Loopback {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Loopback").field("line", &self.line).finish_non_exhaustive()
    }
}

impl Loopback {
    /// A session on this thread, which must be an actix worker's or a test's.
    ///
    /// # Panics
    /// When the server refuses.
    #[expect(clippy::expect_used, reason = "a benchmark has nobody to tell")]
    pub async fn open(io: &Greenroom) -> Self {
        let incoming = Rc::<RefCell<Incoming>>::default();
        let queue = incoming.clone();
        let bytes = futures_util::stream::poll_fn(move |cx| {
            let mut queue = queue.borrow_mut();
            match queue.chunks.pop_front() {
                Some(chunk) => Poll::Ready(Some(Ok(chunk))),
                None => {
                    queue.waker = Some(cx.waker().clone());
                    Poll::Pending
                }
            }
        });
        let desk = Desk::here(&io.0.front).expect("a worker");
        let request = Arc::new(Request::new("/socket.io/?EIO=4&transport=websocket", None));
        let opened = desk.connect(request, Box::pin(bytes)).await;
        let (line, body) = opened.expect("the server lets it in");
        Self { incoming, line, _body: Rc::new(body) }
    }

    /// What the transport has read.
    pub fn send(&self, chunk: Bytes) {
        let mut incoming = self.incoming.borrow_mut();
        incoming.chunks.push_back(chunk);
        let waker = incoming.waker.take();
        drop(incoming);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// What waits in the outbox.
    #[must_use]
    pub fn take(&self) -> Option<Bytes> {
        self.line.take_for_wire()
    }

    /// The next that waits in the outbox.
    pub async fn next(&self) -> Bytes {
        loop {
            match self.take() {
                Some(frame) => return frame,
                None => tokio::task::yield_now().await,
            }
        }
    }
}
