//! The handle of a plain room.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::socket::{Broadcast, Extensions, FetchError, RemoteSocket};
use crate::worker::{Fleet, RoomName, Space, Spread};

/// What is kept with a room while it is alive.
#[derive(Default)]
struct Kept {
    extensions: Extensions,
    data: Mutex<serde_json::Value>,
}

/// A room of a namespace: `io.room("lobby")`. `Clone` and `Send`; the room need not be alive.
///
/// A room is alive from its first member to its last, on all workers of this node, and as much longer as [`linger`](Self::linger) says. What is kept
/// with it goes with it: nothing is kept with a room that is not alive.
#[derive(Clone)]
pub struct PlainRoom {
    fleet: Arc<Fleet>,
    space: Arc<Space>,
    name: RoomName,
}

impl fmt::Debug for PlainRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlainRoom")
            .field("namespace", &self.space.name)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl PlainRoom {
    pub(crate) fn new(fleet: Arc<Fleet>, space: Arc<Space>, name: RoomName) -> Self {
        Self { fleet, space, name }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn spread(&self) -> Option<Arc<Spread>> {
        self.fleet.directory.find(self.space.id, &self.name)
    }

    /// Whether somebody is in it, or it lingers.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.spread().is_some()
    }

    /// How many members it has, those that are away too.
    #[must_use]
    pub fn count(&self) -> usize {
        self.spread().map_or(0, |spread| spread.total())
    }

    /// Its members, those that are away too ([`RemoteSocket::is_away`]), with their rooms and data.
    ///
    /// # Errors
    /// When a worker does not answer within 5 s.
    pub async fn members(&self) -> Result<Vec<RemoteSocket>, FetchError> {
        self.everyone().fetch_sockets().await
    }

    /// Sends to its members.
    pub fn everyone(&self) -> Broadcast {
        Broadcast::new(self.fleet.clone(), self.space.clone()).to(&self.name)
    }

    /// Sends to its members in one order for all of them, whoever sends: by way of one worker, which costs a hop. Only what is sent like
    /// this has that order.
    pub fn sequenced(&self) -> Broadcast {
        let workers: Vec<_> = self.fleet.live().collect();
        self.everyone().by_way_of(self.fleet.directory.place(self.space.id, &self.name, &workers))
    }

    /// Makes all members leave. The room is closed when they have, and the time it lingers is over.
    pub fn clear(&self) {
        self.everyone().sockets_leave(&self.name);
    }

    /// Keeps the room for so long when its last member has left, with what is kept with it. Whoever comes meanwhile finds the same
    /// room. False when it is not alive.
    #[expect(clippy::must_use_candidate, reason = "the room that it is called on is changed")]
    pub fn linger(&self, time: Duration) -> bool {
        let spread = self.spread();
        spread.inspect(|spread| spread.linger_for(time)).is_some()
    }

    // ---- state ---------------------------------------------------------------------------------------------

    fn kept<R>(&self, f: impl FnOnce(&Kept) -> R) -> Option<R> {
        self.spread()?.kept().map(f)
    }

    /// Keeps a value with the room, one per type. False when the room is not alive.
    pub fn set<T: Send + 'static>(&self, value: T) -> bool {
        self.kept(|kept| kept.extensions.set(value)).is_some()
    }

    /// A copy of the value of this type.
    #[must_use]
    pub fn get<T: Clone + Send + 'static>(&self) -> Option<T> {
        self.kept(|kept| kept.extensions.get())?
    }

    /// Takes the value of this type away.
    #[must_use]
    pub fn take<T: Send + 'static>(&self) -> Option<T> {
        self.kept(|kept| kept.extensions.take())?
    }

    /// Changes the value of this type in place, its default if there is none. `change` must not touch this room's state. `None` when the
    /// room is not alive.
    pub fn update<T: Default + Send + 'static, R>(&self, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.kept(|kept| kept.extensions.update(change))?
    }

    /// Free-form metadata. `null` until set.
    #[must_use]
    pub fn data(&self) -> serde_json::Value {
        self.kept(|kept| kept.data.lock().unwrap_or_else(PoisonError::into_inner).clone()).unwrap_or_default()
    }

    /// See [`data`](Self::data). False when the room is not alive.
    pub fn set_data(&self, data: impl Into<serde_json::Value>) -> bool {
        self.kept(|kept| *kept.data.lock().unwrap_or_else(PoisonError::into_inner) = data.into()).is_some()
    }
}
