//! The seam between a connection and the code that answers its events.
//!
//! Closures ([`event`](crate::event)) and typed handlers are two implementations of [`Dispatch`]. A connection calls it with one
//! event at a time and waits for what it returns before it calls it with the next.

use std::any::Any;
use std::rc::Rc;

use futures_core::future::LocalBoxFuture;

use super::{AckFn, Disconnect, Socket};
use crate::error::Refuse;
use crate::protocol::socket::Event;

/// One event of one client.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    /// Lent: handles are counted across threads, and counting has its price.
    pub(crate) socket: &'a Socket,
    pub(crate) event: Event,
    /// Answers the client; of no effect if it did not ask.
    pub(crate) ack: AckFn,
}

/// Work that goes on.
pub(crate) type Task = LocalBoxFuture<'static, ()>;

/// One after the other, if there are two.
pub(crate) fn in_turn(first: Option<Task>, then: Option<Task>) -> Option<Task> {
    match (first, then) {
        (Some(first), Some(then)) => Some(Box::pin(async move {
            first.await;
            then.await;
        })),
        (first, then) => first.or(then),
    }
}

/// Takes futures that run beside the socket's other events.
pub(crate) type Beside<'a> = &'a mut dyn FnMut(Task);

/// Answers the events of one socket.
pub(crate) trait Dispatch {
    /// The middleware has let the socket in; the last word. The first call.
    fn connecting(self: Rc<Self>, socket: &Socket) -> Option<LocalBoxFuture<'static, Result<(), Refuse>>>;

    /// As [`connecting`](Self::connecting), for a socket that is let in again with the state of [`take_over`](Self::take_over).
    fn returning(self: Rc<Self>, socket: &Socket) -> Option<LocalBoxFuture<'static, Result<(), Refuse>>> {
        let _ = socket;
        None
    }

    /// The client was told that it is connected. Its first event waits for what this returns.
    fn connected(&self, socket: &Socket) -> Option<Task>;

    /// Shows the event to whoever sees all of them. Then packet middleware, if there is any: the event, perhaps changed, or why it is refused.
    fn screen(&self, call: &Call<'_>) -> Option<LocalBoxFuture<'static, Result<Event, Refuse>>>;

    /// Packet middleware has refused an event.
    fn turned_away(&self, socket: &Socket, ack: AckFn, refuse: &Refuse) {
        drop(ack);
        self.refused(socket, refuse);
    }

    /// Runs what is synchronous in place. Returns what the next event has to wait for.
    fn event(&self, call: Call<'_>, beside: Beside<'_>) -> Option<Task>;

    /// Something of the client was refused: an event by packet middleware, or a packet that is none.
    fn refused(&self, socket: &Socket, refuse: &Refuse) {
        let _ = (socket, refuse);
    }

    /// The transport is lost, and the client may come back. What closures are told now they are not told again.
    fn away(&self, socket: &Socket, reason: Disconnect) -> Option<Task>;

    /// A panic has dropped the state.
    fn is_broken(&self) -> bool {
        false
    }

    /// The state, for whoever answers the socket's events from here on.
    fn hand_on(&self) -> Option<Box<dyn Any>> {
        None
    }

    /// The state of who answered them before, which goes on sharing it.
    fn take_over(&self, state: Box<dyn Any>) {
        drop(state);
    }

    /// The socket is leaving; its rooms are still set.
    fn disconnecting(&self, socket: &Socket, reason: Disconnect) -> Option<Task>;

    /// The socket has left. The last call.
    fn disconnected(&self, socket: &Socket, reason: Disconnect) -> Option<Task>;

    /// An event is being sent to this socket: its name and arguments.
    fn outgoing(&self, socket: &Socket, event: &str, args: &[crate::payload::Value]);

    fn as_any(&self) -> &dyn Any;
}
