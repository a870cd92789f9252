//! `io.emit`, `io.to(room)` and the rest: the namespace `/`.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Greenroom;
use crate::event::Hook;
use crate::namespace::{Admission, Namespace};
use crate::room::PlainRoom;
use crate::socket::{Acks, Broadcast, FetchError, RemoteSocket, RoomNames, Sent, Socket};
use crate::worker::RoomName;

impl Greenroom {
    fn main(&self) -> Namespace {
        self.of("/")
    }

    /// See [`Namespace::wrap`]. Of the namespace `/` only.
    pub fn wrap<F, R, M>(&self, middleware: F) -> &Self
    where
        F: Fn(Socket) -> R + Send + Sync + 'static,
        R: Admission<M>,
    {
        self.main().wrap(middleware);
        self
    }

    /// See [`Namespace::on_connection`]. Of the namespace `/` only.
    pub fn on_connection<F, R, M>(&self, welcome: F) -> &Self
    where
        F: Fn(Socket) -> R + Send + Sync + 'static,
        R: Hook<M>,
    {
        self.main().on_connection(welcome);
        self
    }

    /// Sends an event to everybody in `/`. See [`Socket::emit`] for `args`.
    pub fn emit<T: Serialize>(&self, event: &str, args: T) -> Sent {
        self.main().emit(event, args)
    }

    /// `emit("message", …)`.
    pub fn send<T: Serialize>(&self, args: T) -> Sent {
        self.main().send(args)
    }

    /// Asks everybody in `/`.
    pub fn emit_with_ack<A: DeserializeOwned>(&self, event: &str, args: impl Serialize) -> Acks<A> {
        self.main().emit_with_ack(event, args)
    }

    /// The members of these rooms of `/`. Chained calls are a union.
    pub fn to(&self, rooms: impl RoomNames) -> Broadcast {
        self.main().to(rooms)
    }

    /// A room of `/`. See [`Namespace::room`].
    #[must_use]
    pub fn room(&self, name: impl Into<RoomName>) -> PlainRoom {
        self.main().room(name)
    }

    /// The same as [`to`](Self::to).
    pub fn within(&self, rooms: impl RoomNames) -> Broadcast {
        self.main().to(rooms)
    }

    /// Everybody in `/` but the members of these rooms.
    pub fn except(&self, rooms: impl RoomNames) -> Broadcast {
        self.main().except(rooms)
    }

    /// Everybody in `/` on this node.
    pub fn local(&self) -> Broadcast {
        self.main().local()
    }

    /// Drop the event for clients that cannot take it at once.
    pub fn volatile(&self) -> Broadcast {
        self.main().volatile()
    }

    /// How long answers are waited for.
    pub fn timeout(&self, timeout: Duration) -> Broadcast {
        self.main().timeout(timeout)
    }

    /// The connected sockets of `/`.
    ///
    /// # Errors
    /// When a worker does not answer within 5 s.
    pub async fn fetch_sockets(&self) -> Result<Vec<RemoteSocket>, FetchError> {
        self.main().fetch_sockets().await
    }

    /// Makes everybody in `/` join these rooms.
    pub fn sockets_join(&self, rooms: impl RoomNames) {
        self.main().sockets_join(rooms);
    }

    /// Makes everybody in `/` leave these rooms.
    pub fn sockets_leave(&self, rooms: impl RoomNames) {
        self.main().sockets_leave(rooms);
    }

    /// Disconnects everybody in `/`. See [`Socket::disconnect`].
    pub fn disconnect_sockets(&self, close: bool) {
        self.main().disconnect_sockets(close);
    }
}
