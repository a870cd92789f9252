//! Somebody in a room.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use super::Room;
use crate::id::SocketId;
use crate::socket::Socket;
use crate::typed::client::{Contract, ToClient};

/// A member, as its room sees it. `Clone`; stays on the room's thread.
pub struct Member<R: Room>(Rc<Inside<R>>);

struct Inside<R: Room> {
    socket: Socket,
    data: R::Member,
    serial: u64,
    away: Cell<bool>,
}

impl<R: Room> Clone for Member<R> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<R: Room> fmt::Debug for Member<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Member").field(&self.0.socket).finish()
    }
}

impl<R: Room> Member<R> {
    pub(super) fn new(socket: Socket, data: R::Member, serial: u64) -> Self {
        let away = Cell::new(socket.is_away());
        Self(Rc::new(Inside { socket, data, serial, away }))
    }

    pub(super) fn serial(&self) -> u64 {
        self.0.serial
    }

    pub(super) fn set_away(&self, away: bool) -> bool {
        self.0.away.replace(away) != away
    }

    /// The id of its socket.
    #[must_use]
    pub fn id(&self) -> SocketId {
        self.0.socket.id()
    }

    /// What `#[joining]` made for it. What changes belongs in the room's state, or in a `Cell`.
    #[must_use]
    pub fn data(&self) -> &R::Member {
        &self.0.data
    }

    /// Its untyped handle.
    #[must_use]
    pub fn socket(&self) -> &Socket {
        &self.0.socket
    }

    /// Whether its transport is lost and its client may come back.
    #[must_use]
    pub fn is_away(&self) -> bool {
        self.0.away.get()
    }

    /// Sends to it.
    #[must_use]
    pub fn client(&self) -> <R::Client as Contract>::To<ToClient> {
        R::Client::to(ToClient::new(self.0.socket.clone()))
    }
}
