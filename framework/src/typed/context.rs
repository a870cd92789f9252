//! What a method may do: the handle of its socket.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use compact_str::ToCompactString;

use super::Handler;
use super::client::{Contract, ToClient};
use super::fault::{Fault, IntoFault};
use super::mount::Mount;
use crate::id::SocketId;
use crate::socket::{Broadcast, Socket, TooManyRooms};
use crate::worker::RoomName;

/// What the client's contract looks like towards one target.
type To<H, T> = <<H as Handler>::Client as Contract>::To<T>;

/// The handle of one socket with its handler's state and contract. `Clone` and `Send`: give it to tasks that outlive the event.
///
/// Rooms are anything that can be displayed: a `&str`, a number, a type of your own.
pub struct Cx<H: Handler> {
    socket: Socket,
    mount: Arc<Mount<H>>,
}

impl<H: Handler> Clone for Cx<H> {
    fn clone(&self) -> Self {
        Self { socket: self.socket.clone(), mount: self.mount.clone() }
    }
}

impl<H: Handler> fmt::Debug for Cx<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cx").field(&self.socket).finish()
    }
}

impl<H: Handler> Cx<H> {
    pub(super) fn new(socket: Socket, mount: Arc<Mount<H>>) -> Self {
        Self { socket, mount }
    }

    /// The socket's public id.
    #[must_use]
    pub fn id(&self) -> SocketId {
        self.socket.id()
    }

    /// What was given to `mount_with`.
    #[must_use]
    pub fn state(&self) -> &H::State {
        &self.mount.state
    }

    /// The untyped handle: handshake, data, everything that the typed API leaves out.
    #[must_use]
    pub fn socket(&self) -> &Socket {
        &self.socket
    }

    // ---- sending -------------------------------------------------------------------------------------------

    /// Sends to this client.
    #[must_use]
    pub fn client(&self) -> To<H, ToClient> {
        H::Client::to(ToClient::new(self.socket.clone()))
    }

    /// Sends to the members of a room but this client.
    #[must_use]
    pub fn to(&self, room: impl fmt::Display) -> To<H, Broadcast> {
        H::Client::to(self.socket.to(room.to_compact_string()))
    }

    /// Sends to the members of a room, this client too.
    #[must_use]
    pub fn within(&self, room: impl fmt::Display) -> To<H, Broadcast> {
        H::Client::to(self.socket.within(room.to_compact_string()))
    }

    /// Sends to everybody in the namespace but this client.
    #[must_use]
    pub fn others(&self) -> To<H, Broadcast> {
        H::Client::to(self.socket.broadcast())
    }

    /// Sends to everybody in the namespace.
    #[must_use]
    pub fn everyone(&self) -> To<H, Broadcast> {
        H::Client::to(self.socket.everyone())
    }

    // ---- rooms ---------------------------------------------------------------------------------------------

    /// Joins a room. Visible to the next line. One room too many is logged and not joined.
    pub fn join(&self, room: impl fmt::Display) {
        self.socket.join(room.to_compact_string());
    }

    /// Joins a room.
    ///
    /// # Errors
    /// When the socket would be in more than `max_rooms_per_socket` rooms.
    pub fn try_join(&self, room: impl fmt::Display) -> Result<(), TooManyRooms> {
        self.socket.try_join(room.to_compact_string())
    }

    /// Leaves a room.
    pub fn leave(&self, room: impl fmt::Display) {
        self.socket.leave(room.to_compact_string());
    }

    /// Whether it is in a room.
    #[must_use]
    pub fn is_in(&self, room: impl fmt::Display) -> bool {
        self.socket.is_in(&room.to_compact_string())
    }

    /// The rooms it is in, its own first.
    #[must_use]
    pub fn rooms(&self) -> Vec<RoomName> {
        self.socket.rooms()
    }

    /// How many members a room has.
    #[must_use]
    pub fn count(&self, room: impl fmt::Display) -> usize {
        self.socket.room_size(&room.to_compact_string())
    }

    // ---- the rest ------------------------------------------------------------------------------------------

    /// Makes the client leave this namespace.
    pub fn disconnect(&self) {
        self.socket.disconnect(false);
    }

    /// Runs a future on this worker, beside the socket's events. It is not stopped when the client leaves.
    pub fn spawn(&self, work: impl Future<Output = ()> + 'static) {
        let socket = self.socket.clone();
        drop(actix_rt::spawn(async move {
            if !crate::event::guarded_task(Box::pin(work)).await {
                crate::trace::task_panicked(socket.namespace(), socket.id());
            }
        }));
    }
}

/// A parameter that the server hands in: marked `#[cx]`, or one of greenroom's own.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be handed in to a handler of `{H}`",
    label = "not from the context",
    note = "implement `greenroom::FromContext<{H}>` for it",
    note = "if it comes from the client, drop `#[cx]`, or say `#[payload]` where its type has the name of one of greenroom's"
)]
pub trait FromContext<H: Handler>: Sized {
    /// Why it could not be made.
    type Error: IntoFault;

    /// Makes it.
    ///
    /// # Errors
    /// What the client is told instead of running the method.
    fn from_context(cx: &Cx<H>) -> Result<Self, Self::Error>;
}

/// The handler's state, as a parameter.
#[derive(Clone, Debug)]
pub struct State<S>(pub S);

impl<S> std::ops::Deref for State<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.0
    }
}

impl<S: Clone, H: Handler<State = S>> FromContext<H> for State<S> {
    type Error = Fault;

    fn from_context(cx: &Cx<H>) -> Result<Self, Fault> {
        Ok(Self(cx.state().clone()))
    }
}

impl<H: Handler> FromContext<H> for Socket {
    type Error = Fault;

    fn from_context(cx: &Cx<H>) -> Result<Self, Fault> {
        Ok(cx.socket.clone())
    }
}

/// Named by the macros, so that the compiler points at the parameter's type.
///
/// # Errors
/// What the type said.
pub fn inject<T: FromContext<H>, H: Handler>(cx: &Cx<H>) -> Result<T, Fault> {
    T::from_context(cx).map_err(IntoFault::into_fault)
}

/// Named by the macros: a hook whose parameters cannot be made.
pub fn hook_failed<H: Handler>(cx: &Cx<H>, hook: &str, fault: &Fault) {
    crate::trace::handler_failed(cx.socket.namespace(), hook, cx.id(), fault);
}
