//! Namespaces: who may come in, and what happens when somebody does.
//!
//! A namespace is made once, in code or by the first client that a pattern or predicate accepts, and then shared by
//! all workers. Its rules are read when a client connects, never on the data path.

mod dynamic;
mod registry;
mod rules;

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Arc, PoisonError, RwLock};

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use dynamic::DynamicNamespace;
pub(crate) use dynamic::{Matcher, Parent, Pattern, predicate};
pub(crate) use registry::{Population, Registry, Resolution};
pub use rules::Admission;
pub(crate) use rules::{Mounted, Rules, Step, Verdict, step};

use crate::error::ConfigError;
use crate::event::Hook;
use crate::room::PlainRoom;
use crate::socket::{Acks, Broadcast, FetchError, RemoteSocket, RoomNames, Sent, Socket};
use crate::worker::{Fleet, RoomEvent, RoomName, RoomObserver, Space};

/// Told of rooms coming and going.
type RoomWatcher = Arc<dyn Fn(&RoomEvent) + Send + Sync>;

#[derive(Default)]
pub(crate) struct Watchers {
    any: AtomicBool,
    list: RwLock<Vec<RoomWatcher>>,
}

impl Watchers {
    fn add(&self, watcher: RoomWatcher) {
        self.list.write().unwrap_or_else(PoisonError::into_inner).push(watcher);
        self.any.store(true, std::sync::atomic::Ordering::Release);
    }
}

impl RoomObserver for Arc<Watchers> {
    fn is_watching(&self) -> bool {
        self.any.load(std::sync::atomic::Ordering::Acquire)
    }

    fn tell(&self, event: RoomEvent) {
        let list = self.list.read().unwrap_or_else(PoisonError::into_inner).clone();
        for watcher in list {
            // A watcher's panic must not cost the socket whose join it watched.
            if crate::event::guarded(|| watcher(&event)).is_none() {
                crate::trace::watcher_panicked();
            }
        }
    }
}

/// A namespace, shared by all workers.
pub(crate) struct NamespaceCore {
    pub(crate) space: Arc<Space>,
    pub(crate) rules: RwLock<Arc<Rules>>,
    watchers: Arc<Watchers>,
    /// Sockets connected or connecting; a child goes when it is 0.
    population: AtomicUsize,
    /// Named in code, which holds a handle to it: it stays.
    pinned: AtomicBool,
    parent: Option<Arc<Parent>>,
}

impl fmt::Debug for NamespaceCore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamespaceCore").field("space", &self.space).finish_non_exhaustive()
    }
}

impl NamespaceCore {
    pub(crate) fn rules(&self) -> Arc<Rules> {
        self.rules.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A namespace: `io.of("/chat")`. `Clone` and `Send`.
#[derive(Clone, Debug)]
pub struct Namespace {
    pub(crate) core: Arc<NamespaceCore>,
    pub(crate) fleet: Arc<Fleet>,
}

impl Namespace {
    /// Its name, with its slash.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.core.space.name
    }

    /// Parameters that a pattern found in the name, such as `id` of `/team/{id}`.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.core.space.param(name)
    }

    /// Whether it came to life by this pattern, and so has its handler: a name that matches is not enough.
    pub(crate) fn is_child_of(&self, pattern: &Pattern) -> bool {
        let parent = self.core.parent.as_ref();
        parent.is_some_and(|parent| matches!(&parent.matcher, Matcher::Pattern(own) if own == pattern))
    }

    fn change(&self, f: impl FnOnce(&mut Rules)) -> &Self {
        Rules::change(&self.core.rules, f);
        self
    }

    /// Runs for each client that wants in, in the order added, before it is connected: `Ok(())` lets it pass, an error refuses it, and the
    /// client gets `connect_error`. May be async; a panic refuses. `socket.is_connected()` is false meanwhile.
    pub fn wrap<F, R, M>(&self, middleware: F) -> &Self
    where
        F: Fn(Socket) -> R + Send + Sync + 'static,
        R: Admission<M>,
    {
        self.change(|rules| rules.steps.push(rules::step(middleware)))
    }

    /// Runs for each client that was let in, right after it was told so. Listeners registered here miss no event: also when this is async,
    /// the client's events wait until it ends.
    pub fn on_connection<F, R, M>(&self, welcome: F) -> &Self
    where
        F: Fn(Socket) -> R + Send + Sync + 'static,
        R: Hook<M>,
    {
        self.change(|rules| rules.welcomes.push(rules::welcome(welcome)))
    }

    /// Answers its events with a typed handler.
    pub(crate) fn mount(&self, handler: Arc<dyn Mounted>) -> Result<(), ConfigError> {
        let mounted = Rules::mount(&self.core.rules, self.name(), handler);
        mounted.map_err(|error| match self.core.parent {
            None => error,
            Some(_) => error
                .with_hint("it is that of a pattern; mount a namespace's own before anything else names it"),
        })
    }

    /// Told when rooms are created, joined, left and deleted, and when a member is away or back; rooms of sockets' own ids too. Runs on the thread where it happens; keep it short.
    pub fn on_room(&self, watcher: impl Fn(&RoomEvent) + Send + Sync + 'static) -> &Self {
        self.core.watchers.add(Arc::new(watcher));
        self
    }

    pub(crate) fn everyone(&self) -> Broadcast {
        Broadcast::new(self.fleet.clone(), self.core.space.clone())
    }

    /// Sends an event to everybody in the namespace. See [`Socket::emit`] for `args`.
    pub fn emit<T: Serialize>(&self, event: &str, args: T) -> Sent {
        self.everyone().emit(event, args)
    }

    /// `emit("message", …)`.
    pub fn send<T: Serialize>(&self, args: T) -> Sent {
        self.everyone().send(args)
    }

    /// Asks everybody in the namespace.
    pub fn emit_with_ack<A: DeserializeOwned>(&self, event: &str, args: impl Serialize) -> Acks<A> {
        self.everyone().emit_with_ack(event, args)
    }

    /// The members of these rooms. Chained calls are a union.
    pub fn to(&self, rooms: impl RoomNames) -> Broadcast {
        self.everyone().to(rooms)
    }

    /// The same as [`to`](Self::to).
    pub fn within(&self, rooms: impl RoomNames) -> Broadcast {
        self.everyone().to(rooms)
    }

    /// Everybody but the members of these rooms.
    pub fn except(&self, rooms: impl RoomNames) -> Broadcast {
        self.everyone().except(rooms)
    }

    /// Everybody on this node.
    pub fn local(&self) -> Broadcast {
        self.everyone().local()
    }

    /// Drop the event for clients that cannot take it at once.
    pub fn volatile(&self) -> Broadcast {
        self.everyone().volatile()
    }

    /// How long answers are waited for.
    pub fn timeout(&self, timeout: std::time::Duration) -> Broadcast {
        self.everyone().timeout(timeout)
    }

    /// Its connected sockets.
    ///
    /// # Errors
    /// When a worker does not answer within 5 s.
    pub async fn fetch_sockets(&self) -> Result<Vec<RemoteSocket>, FetchError> {
        self.everyone().fetch_sockets().await
    }

    /// Makes everybody join these rooms.
    pub fn sockets_join(&self, rooms: impl RoomNames) {
        self.everyone().sockets_join(rooms);
    }

    /// Makes everybody leave these rooms.
    pub fn sockets_leave(&self, rooms: impl RoomNames) {
        self.everyone().sockets_leave(rooms);
    }

    /// Disconnects everybody. See [`Socket::disconnect`].
    pub fn disconnect_sockets(&self, close: bool) {
        self.everyone().disconnect_sockets(close);
    }

    /// How many sockets are connected.
    #[must_use]
    pub fn socket_count(&self) -> usize {
        self.core.space.spread.total()
    }

    /// Rooms and how many members each has, without the rooms of sockets' own ids.
    #[must_use]
    pub fn rooms(&self) -> Vec<(RoomName, usize)> {
        self.fleet.directory.rooms(self.core.space.id)
    }

    /// A room, alive or not: its members, and what is kept with it.
    #[must_use]
    pub fn room(&self, name: impl Into<RoomName>) -> PlainRoom {
        PlainRoom::new(self.fleet.clone(), self.core.space.clone(), name.into())
    }

    /// How many members a room has.
    #[must_use]
    pub fn room_size(&self, room: impl Into<RoomName>) -> usize {
        self.fleet.directory.find(self.core.space.id, &room.into()).map_or(0, |spread| spread.total())
    }
}
