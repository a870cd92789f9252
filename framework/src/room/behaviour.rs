//! What a room's actor runs: the seam between it and the kinds of rooms that a person writes.

use std::any::Any;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::id::SocketId;
use crate::protocol::socket::Event;
use crate::socket::{AckFn, Disconnect, Task};

/// Why a member is no longer in its room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Departure {
    /// It left the room, and stays connected.
    Left,
    /// The room made it leave.
    Removed,
    /// It left the namespace, or its connection ended.
    Disconnected(Disconnect),
    /// Its worker ended.
    Lost,
}

/// One event of a member on its way to its room.
pub(crate) struct Letter {
    pub(crate) from: SocketId,
    pub(crate) event: Event,
    pub(crate) ticket: Ticket,
    /// Dropped when the event was handled, or never will be: the member's next one waits for that.
    pub(crate) handled: oneshot::Sender<()>,
    /// For whoever wants to know how it ended.
    pub(crate) receipt: Option<Box<dyn Any + Send>>,
}

/// The right to answer a member. Dropped unused, as when the room has ended meanwhile, it says so.
pub(crate) struct Ticket(Option<AckFn>);

impl Ticket {
    pub(crate) fn new(ack: AckFn) -> Self {
        Self(Some(ack))
    }

    pub(crate) fn take(mut self) -> Option<AckFn> {
        self.0.take()
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        // While a panic unwinds, the inner one answers `internal`.
        if let Some(mut ack) = self.0.take().filter(|_| !std::thread::panicking()) {
            ack.fail("room_closed", "the room has closed");
        }
    }
}

/// A room's state and rules, and its members. It outlives panics of the person's code, which it runs one call at a time; a task that
/// it gives back has the state, and is waited for before the next call.
pub(crate) trait Behaviour {
    fn as_any_mut(&mut self) -> &mut dyn Any;

    /// Makes the state, if there is none.
    fn open(&mut self) -> Option<Task>;
    /// A member sends something.
    fn event(&mut self, letter: Letter) -> Option<Task>;
    /// A member's tie was cut. `serial`: of the stay that ended.
    fn left(&mut self, member: SocketId, serial: u64, why: Departure);
    fn away(&mut self, member: SocketId, is_away: bool);

    /// The spans of its timers.
    fn ticks(&self) -> Vec<Duration>;
    fn tick(&mut self, which: usize);
    /// Runs what was put off and is due; pending until something is.
    fn poll_put_off(&mut self, cx: &mut Context<'_>) -> Poll<()>;

    /// Its code has panicked, and is to run again. False when the room is to end instead.
    fn crashed(&mut self) -> bool;
    /// The server is going down.
    fn end(&mut self);
    /// Whether it has decided to end.
    fn is_closing(&self) -> bool;
    /// Its last words, if it has some.
    fn close(&mut self) -> Option<Task>;
    /// It is gone: the members that it still has are told and leave.
    fn bury(&mut self);
}
