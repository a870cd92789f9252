//! One socket of a connection, from its CONNECT packet until its hooks have run, and the events that wait for its handlers.

use std::collections::VecDeque;
use std::rc::Rc;

use super::away::Returning;
use crate::namespace::Population;
use crate::protocol::socket::Event;
use crate::socket::{Disconnect, SocketCell};

/// One socket of this connection.
pub(super) struct Stage {
    pub(super) cell: Rc<SocketCell>,
    pub(super) population: Population,
    pub(super) phase: Phase,
    /// Made when something has to wait.
    pub(super) waiting: Option<Box<Waiting>>,
    /// A handler is at work; later events wait.
    pub(super) busy: bool,
    /// While it is being let in again. Boxed, as that is seldom.
    pub(super) returning: Option<Box<Returning>>,
}

impl Stage {
    /// What waits will not be handled. Gives how much that was.
    pub(super) fn drop_queue(&mut self) -> usize {
        self.waiting.take().map_or(0, |waiting| waiting.events.len())
    }

    /// Events and their bytes.
    pub(super) fn backlog(&self) -> (usize, usize) {
        self.waiting.as_ref().map_or((0, 0), |waiting| (waiting.events.len(), waiting.bytes))
    }

    pub(super) fn is_idle(&self) -> bool {
        self.backlog().0 == 0 && !self.busy
    }
}

/// Events that wait for a handler.
#[derive(Default)]
pub(super) struct Waiting {
    events: VecDeque<Event>,
    bytes: usize,
}

impl Waiting {
    pub(super) fn push(&mut self, event: Event) {
        self.bytes += event.size();
        self.events.push_back(event);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    pub(super) fn pop(&mut self) -> Option<Event> {
        let event = self.events.pop_front()?;
        self.bytes = self.bytes.saturating_sub(event.size());
        Some(event)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// In middleware.
    Joining,
    Joined,
    /// Told to leave when its handlers are done.
    Leaving(Disconnect),
    /// Its hooks are running.
    Parting,
}
