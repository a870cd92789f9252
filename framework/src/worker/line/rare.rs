//! What a line has now and then: deadlines, a probing WebSocket, those who wait for something.
//!
//! Mostly there is nothing of it, so it is kept apart and given back as soon as it is empty: it would be a third of an idle line.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Instant;

use smallvec::SmallVec;
use tokio::sync::oneshot;

use super::ByteStream;
use super::owner::Signals;
use crate::worker::link::Link;
use crate::worker::wire::Wire;

/// WebSockets that landed on this worker and that the connection actor is to read.
pub(crate) type Arrivals = SmallVec<[(Rc<Wire>, ByteStream); 1]>;

#[derive(Default)]
pub(super) struct Rare {
    pub(super) probe: Option<Link>,
    pub(super) arrivals: Arrivals,
    /// Nothing joined until then: the session ends.
    pub(super) connect_by: Option<Instant>,
    /// A message or binary packet has begun and must be whole by then.
    pub(super) unfinished_by: Option<Instant>,
    /// The WebSocket is gone; what was read of it must be handled by then.
    pub(super) gone_by: Option<Instant>,
    /// Closed by the server with packets left, waiting for the poll that takes them.
    pub(super) last_poll_by: Option<Instant>,
    /// What that poll is told behind them, if not that the server has closed.
    pub(super) last_packet: Option<&'static str>,
    /// Of a POST that is being read: dropped when the session ends, so that it hears of it.
    pub(super) post: Option<oneshot::Sender<()>>,
    /// What the connection actor has not been told.
    pub(super) signals: Signals,
    pub(super) drained: Vec<oneshot::Sender<()>>,
    /// Told of the next pong.
    pub(super) asked: Vec<oneshot::Sender<()>>,
}

impl Rare {
    fn is_empty(&self) -> bool {
        let deadlines = [self.connect_by, self.unfinished_by, self.gone_by, self.last_poll_by];
        deadlines.iter().all(Option::is_none)
            && self.probe.is_none()
            && self.last_packet.is_none()
            && self.post.is_none()
            && self.signals.is_empty()
            && self.arrivals.is_empty()
            && self.drained.is_empty()
            && self.asked.is_empty()
    }
}

/// See the module.
#[derive(Default)]
pub(super) struct Rarely(RefCell<Option<Box<Rare>>>);

impl Rarely {
    /// What is there says; nothing says the default.
    pub(super) fn look<R: Default>(&self, at: impl FnOnce(&Rare) -> R) -> R {
        self.0.borrow().as_deref().map(at).unwrap_or_default()
    }

    /// Takes something away.
    pub(super) fn take<R: Default>(&self, what: impl FnOnce(&mut Rare) -> R) -> R {
        let mut place = self.0.borrow_mut();
        let Some(rare) = place.as_deref_mut() else { return R::default() };
        let taken = what(rare);
        if rare.is_empty() {
            *place = None;
        }
        taken
    }

    pub(super) fn put(&self, what: impl FnOnce(&mut Rare)) {
        what(self.0.borrow_mut().get_or_insert_default());
    }
}
