//! What a handler holds: a handle to one client in one namespace, and the operators that send.
//!
//! A [`Socket`] is `Clone` and `Send`. Used on the worker that the client lives on, which is where handlers run, everything is
//! immediate and takes no lock but a short one for `data` and rooms; used elsewhere, it is carried out there, in the order it
//! was called.

mod ack;
mod broadcast;
mod call;
mod cell;
mod emitter;
mod extensions;
mod handshake;
mod pairs;
mod query;
mod remote;

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use ack::{AckError, AckFn, AckFuture, Acks, Replies};
pub use broadcast::Broadcast;

pub use crate::worker::Disconnect;
pub(crate) use call::{Beside, Call, Dispatch, Task, in_turn};
pub(crate) use cell::SocketCell;
pub use emitter::{EmitError, Emitter, Sent};
pub use handshake::{Handshake, Request};
pub(crate) use pairs::Pairs;
pub(crate) use query::{Plain, has_escapes};
pub use remote::{FetchError, RemoteSocket};

use crate::engine::session::TransportKind;
use crate::id::SocketId;
use crate::worker::{Card, Fleet, Frame, HubInner, Joining, Op, RoomName, Rooms, Space, Tie};
pub(crate) use extensions::Extensions;

/// Names one room or several.
pub trait RoomNames {
    /// The names.
    fn names(self) -> Rooms;
}

macro_rules! one_room {
    ($($ty:ty),*) => { $(impl RoomNames for $ty {
        fn names(self) -> Rooms { Rooms::from_iter([RoomName::from(self)]) }
    })* };
}
one_room!(&str, String, &String, RoomName);

impl RoomNames for &RoomName {
    fn names(self) -> Rooms {
        Rooms::from_iter([self.clone()])
    }
}

impl RoomNames for SocketId {
    fn names(self) -> Rooms {
        self.as_str().names()
    }
}

impl RoomNames for &SocketId {
    fn names(self) -> Rooms {
        self.as_str().names()
    }
}

impl<T: RoomNames + Clone> RoomNames for &[T] {
    fn names(self) -> Rooms {
        self.iter().cloned().flat_map(RoomNames::names).collect()
    }
}

impl<T: RoomNames, const N: usize> RoomNames for [T; N] {
    fn names(self) -> Rooms {
        self.into_iter().flat_map(RoomNames::names).collect()
    }
}

impl<T: RoomNames> RoomNames for Vec<T> {
    fn names(self) -> Rooms {
        self.into_iter().flat_map(RoomNames::names).collect()
    }
}

/// A join that would exceed `max_rooms_per_socket`.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "the socket is in {limit} rooms already; the option `max_rooms_per_socket` says how many it may be in"
)]
pub struct TooManyRooms {
    /// The option's value.
    pub limit: usize,
}

pub(crate) struct Identity {
    pub(crate) id: SocketId,
    pub(crate) worker: u16,
    pub(crate) key: u32,
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) space: Arc<Space>,
    pub(crate) card: Arc<Card>,
    pub(crate) handshake: Handshake,
    /// Made when it is asked for; shared with who it was before it was recovered.
    pub(crate) kept: OnceLock<Arc<Kept>>,
    pub(crate) recovered: bool,
    /// How often its session had been recovered: an acknowledgement belongs to the connection that asked for it.
    pub(crate) life: u32,
}

/// What an app hangs on a socket.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    extensions: Extensions,
    data: Mutex<serde_json::Value>,
}

impl Identity {
    pub(crate) fn kept(&self) -> &Arc<Kept> {
        self.kept.get_or_init(Arc::default)
    }
}

/// One client in one namespace: what a handler holds. `Clone` and `Send`.
///
/// Used on the worker that the client lives on, which is where handlers run, everything is immediate; used elsewhere, it is
/// carried out there, in the order it was called.
#[derive(Clone)]
pub struct Socket(pub(crate) Arc<Identity>);

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket")
            .field("id", &self.0.id)
            .field("namespace", &self.namespace())
            .finish_non_exhaustive()
    }
}

impl Socket {
    /// Public, new at each connection that was not recovered; also the name of a room with only this socket in it.
    #[must_use]
    pub fn id(&self) -> SocketId {
        self.0.id
    }

    /// The id of the session: it stays the same when the connection is recovered, and so does [`id`](Self::id), which it equals. Safe to log;
    /// the private id that a client comes back with is nobody's but the server's.
    #[must_use]
    pub fn session_id(&self) -> SocketId {
        self.0.id
    }

    /// Whether the client came back to a session it had: its id, rooms, data and state are those of before, and it is sent what it
    /// missed. Needs the option [`connection_state_recovery`](crate::Options::connection_state_recovery).
    #[must_use]
    pub fn recovered(&self) -> bool {
        self.0.recovered
    }

    /// Whether its transport is lost and its client may come back. It is in its rooms, and what is sent to it is kept for it.
    #[must_use]
    pub fn is_away(&self) -> bool {
        self.0.card.is_away()
    }

    /// The namespace's name, with its slash.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.0.space.name
    }

    /// A parameter that a pattern found in the namespace's name, such as `id` of `/team/{id}`.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.0.space.param(name)
    }

    /// The connection's first request, and what the client gave as `auth`.
    #[must_use]
    pub fn handshake(&self) -> &Handshake {
        &self.0.handshake
    }

    /// What the client gave as `auth`; shorthand for `handshake().auth()`.
    ///
    /// # Errors
    /// When it is not of this type.
    pub fn auth<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        self.0.handshake.auth()
    }

    /// True from the end of the middleware until the socket leaves.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.0.card.is_connected()
    }

    /// What carries the connection at this moment.
    #[must_use]
    pub fn transport(&self) -> TransportKind {
        self.0.handshake.request.carrier.kind()
    }

    // ---- sending -------------------------------------------------------------------------------------------

    /// Sends an event to this client. `args`: one value, or a tuple of several; `()` for none.
    ///
    /// Dropped when the client has left. What happens when it does not read is the option `overflow`.
    pub fn emit<T: Serialize>(&self, event: &str, args: T) -> Sent {
        self.emitter().emit(event, args)
    }

    /// `emit("message", …)`.
    pub fn send<T: Serialize>(&self, args: T) -> Sent {
        self.emit("message", args)
    }

    /// Sends an event and gives the client's answer: its first argument, or all with [`AckFuture::rest`]. After 30 s
    /// (`ack_timeout`) it fails with [`AckError::Timeout`].
    pub fn emit_with_ack<A: DeserializeOwned>(&self, event: &str, args: impl Serialize) -> AckFuture<A> {
        self.emitter().emit_with_ack(event, args)
    }

    pub(crate) fn emitter(&self) -> Emitter<'_> {
        Emitter::new(self)
    }

    /// The next `emit` is dropped if the client cannot take it at once.
    pub fn volatile(&self) -> Emitter<'_> {
        self.emitter().volatile()
    }

    /// The next `emit_with_ack` waits this long.
    pub fn timeout(&self, timeout: Duration) -> Emitter<'_> {
        self.emitter().timeout(timeout)
    }

    /// Everybody in the namespace but this client.
    pub fn broadcast(&self) -> Broadcast {
        self.everyone().except(self.0.id)
    }

    /// The members of these rooms but this client. Chained calls are a union.
    pub fn to(&self, rooms: impl RoomNames) -> Broadcast {
        self.broadcast().to(rooms)
    }

    /// Everybody in the namespace but this client and the members of these rooms.
    pub fn except(&self, rooms: impl RoomNames) -> Broadcast {
        self.broadcast().except(rooms)
    }

    /// The members of these rooms, this client too.
    pub fn within(&self, rooms: impl RoomNames) -> Broadcast {
        self.everyone().to(rooms)
    }

    /// Everybody in the namespace, this client too.
    pub(crate) fn everyone(&self) -> Broadcast {
        Broadcast::new(self.0.fleet.clone(), self.0.space.clone())
    }

    /// How many members a room of the namespace has.
    pub(crate) fn room_size(&self, room: &RoomName) -> usize {
        self.0.fleet.directory.find(self.0.space.id, room).map_or(0, |spread| spread.total())
    }

    /// Everybody on this node but this client.
    pub fn local(&self) -> Broadcast {
        self.broadcast().local()
    }

    // ---- rooms ---------------------------------------------------------------------------------------------

    /// Joins rooms. Visible to the next line; nothing happens for rooms it is in, or once it has left. On another thread than its own,
    /// a broadcast in the next line reaches it, and [`rooms`](Self::rooms) follows when its worker has come to it.
    ///
    /// # Errors
    /// When the socket would be in more than `max_rooms_per_socket` rooms; then it joins none of them.
    pub fn try_join(&self, rooms: impl RoomNames) -> Result<(), TooManyRooms> {
        let rooms = rooms.names();
        let limit = self.0.fleet.settings.max_rooms;
        let card = &self.0.card;
        let new = rooms.iter().filter(|room| !card.is_in(room)).count();
        if card.room_count() + new > limit {
            return Err(TooManyRooms { limit });
        }
        match self.cell() {
            Some(cell) => {
                for room in &rooms {
                    cell.hub.join(&cell.seat, room);
                }
            }
            None => {
                let joining = Joining::begin(&self.0.fleet, self.0.space.id, rooms);
                self.at_home(move |cell| cell.socket.join(joining.rooms()));
            }
        }
        Ok(())
    }

    /// Joins a room that wants to know of it. `then` runs on the socket's worker when it is in; with a socket that has left, both are dropped.
    pub(crate) fn join_tied(
        &self,
        room: &RoomName,
        tie: impl Tie + Send + 'static,
        then: impl FnOnce() + Send + 'static,
    ) {
        let joining = Joining::begin(&self.0.fleet, self.0.space.id, Rooms::from_iter([room.clone()]));
        let room = room.clone();
        self.at_home(move |cell| {
            cell.hub.join(&cell.seat, &room);
            cell.seat.tie(room, Rc::new(tie));
            drop(joining);
            then();
        });
    }

    /// As [`try_join`](Self::try_join); one room too many is logged and not joined.
    pub fn join(&self, rooms: impl RoomNames) {
        if let Err(error) = self.try_join(rooms) {
            crate::trace::handler_failed(self.namespace(), "(join)", self.0.id, &error);
        }
    }

    /// Leaves rooms. Nothing happens for rooms it is not in.
    pub fn leave(&self, rooms: impl RoomNames) {
        let rooms = rooms.names();
        self.at_home(move |cell| {
            for room in &rooms {
                cell.hub.leave(&cell.seat, room);
            }
        });
    }

    /// The rooms it is in, its own first. Empty once it has left.
    #[must_use]
    pub fn rooms(&self) -> Vec<RoomName> {
        self.0.card.rooms(self.0.id)
    }

    /// Whether it is in a room.
    #[must_use]
    pub fn is_in(&self, room: &str) -> bool {
        self.0.card.is_in(room) || (room == self.0.id.as_str() && self.is_connected())
    }

    // ---- state ---------------------------------------------------------------------------------------------

    /// Keeps a value with the socket, one per type. Returns the one it replaces.
    pub fn set<T: Send + 'static>(&self, value: T) -> Option<T> {
        self.0.kept().extensions.set(value)
    }

    /// A copy of the value of this type.
    #[must_use]
    pub fn get<T: Clone + Send + 'static>(&self) -> Option<T> {
        self.0.kept().extensions.get()
    }

    /// Takes the value of this type away.
    #[must_use]
    pub fn take<T: Send + 'static>(&self) -> Option<T> {
        self.0.kept().extensions.take()
    }

    /// Changes the value of this type in place, its default if there is none. `change` must not touch this socket's state.
    pub fn update<T: Default + Send + 'static, R>(&self, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.0.kept().extensions.update(change)
    }

    /// Free-form data that others see through `fetch_sockets`. `null` until set.
    #[must_use]
    pub fn data(&self) -> serde_json::Value {
        self.0.kept().data.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// See [`data`](Self::data).
    pub fn set_data(&self, data: impl Into<serde_json::Value>) {
        *self.0.kept().data.lock().unwrap_or_else(PoisonError::into_inner) = data.into();
    }

    // ---- leaving -------------------------------------------------------------------------------------------

    /// Makes the client leave this namespace; with `close`, all its namespaces, and closes the connection.
    /// The official client does not come back by itself after this.
    pub fn disconnect(&self, close: bool) {
        self.at_home(move |cell| cell.disconnect(close));
    }

    /// Waits until everything sent so far was handed to the operating system; at once if nothing waits.
    /// False when the client left before. For handlers that send more than an outbox holds.
    pub async fn drained(&self) -> bool {
        let (tx, rx) = tokio::sync::oneshot::channel();
        self.at_home(move |cell| match cell.seat.line().when_drained() {
            None => drop(tx.send(())),
            Some(drained) => drop(actix_rt::spawn(async move {
                if drained.await.is_ok() {
                    let _ = tx.send(());
                }
            })),
        });
        rx.await.is_ok() && self.is_connected()
    }

    /// Bytes and packets that wait to be sent to this client. `None` on threads other than its own worker.
    #[must_use]
    pub fn backlog(&self) -> Option<(usize, usize)> {
        self.cell().map(|cell| cell.seat.line().backlog())
    }

    // ---- home ----------------------------------------------------------------------------------------------

    /// The socket's cell, if this is its worker's thread and it has not left.
    pub(crate) fn cell(&self) -> Option<std::rc::Rc<SocketCell>> {
        let hub = HubInner::here(&self.0.fleet)?;
        if hub.worker != self.0.worker {
            return None;
        }
        let seat = hub.seat(self.0.key, self.0.id)?;
        SocketCell::of(&seat)
    }

    /// Runs `f` on the socket's worker: now if this is it, otherwise in order with everything else sent there. Not at
    /// all once the socket has left.
    pub(crate) fn at_home(&self, f: impl FnOnce(&SocketCell) + Send + 'static) {
        let Identity { fleet, worker, key, id, .. } = &*self.0;
        let (key, id) = (*key, *id);
        let errand = move |hub: &std::rc::Rc<HubInner>| {
            if let Some(cell) = hub.seat(key, id).and_then(|seat| SocketCell::of(&seat)) {
                f(&cell);
            }
        };
        HubInner::run_from_anywhere(fleet, *worker, Box::new(errand));
    }

    /// Sends a frame to this client.
    pub(crate) fn transmit(&self, frame: Frame, volatile: bool) {
        let Identity { fleet, worker, key, id, life, .. } = &*self.0;
        let hub = HubInner::here(fleet).filter(|hub| hub.worker == *worker);
        match hub.and_then(|hub| hub.seat(*key, *id)?.occupant()) {
            Some(occupant) => occupant.transmit(frame, volatile, *life),
            None => {
                let op = Op::Transmit { key: *key, id: *id, life: *life, frame, volatile };
                HubInner::post_from_anywhere(fleet, *worker, op);
            }
        }
    }
}
