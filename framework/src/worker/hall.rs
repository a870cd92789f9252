//! Membership on one worker: which sockets are in which namespace and room.
//!
//! Everything is local and synchronous: a join is visible to the next line of whoever called it. No user code runs
//! while these maps are borrowed; observers are told afterwards.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use ahash::RandomState;
use indexmap::IndexMap;

use super::directory::{Exit, Spread};
use super::frame::Frame;
use super::log::{Log, To};
use super::seat::Seat;
use super::tie::Lingering;
use super::{HubInner, RoomName};
use crate::id::SocketId;

/// What happened to a room. `create-room`, `join-room`, `leave-room` and `delete-room` of the reference's adapter.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RoomEvent {
    /// The room got its first member on this node. Comes before that member's [`Joined`](Self::Joined).
    Created(RoomName),
    /// A socket is in the room that was not before.
    Joined(RoomName, SocketId),
    /// A socket is no longer in the room. Comes before [`Deleted`](Self::Deleted).
    Left(RoomName, SocketId),
    /// The room lost its last member on this node, and the time it lingers is over.
    Deleted(RoomName),
    /// The transport of a member is lost, and its client may come back: it stays in the room.
    Away(RoomName, SocketId),
    /// The client of a member that was away is back.
    Back(RoomName, SocketId),
}

/// Told of room events, outside of all borrows.
pub(crate) trait RoomObserver: Send + Sync {
    fn is_watching(&self) -> bool;
    fn tell(&self, event: RoomEvent);
}

/// A namespace as delivery knows it: shared by all workers.
pub(crate) struct Space {
    pub(crate) id: u32,
    pub(crate) name: Arc<str>,
    /// Parameters that a pattern found in the name.
    pub(crate) params: Vec<(String, String)>,
    /// Connected sockets per worker.
    pub(crate) spread: Spread,
    pub(crate) observer: Box<dyn RoomObserver>,
    /// The next acknowledgement id; one counter for unicasts and broadcasts, so that an id is free at every receiver.
    pub(crate) next_ack: AtomicU64,
    /// Whether its events carry offsets.
    pub(crate) recovers: bool,
}

impl Space {
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn ack_id(&self) -> u64 {
        self.next_ack.fetch_add(1, Ordering::Relaxed)
    }
}

impl fmt::Debug for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Space").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

type Members = IndexMap<u32, Rc<Seat>, RandomState>;

struct Room {
    members: Members,
    spread: Arc<Spread>,
}

/// A namespace on this worker.
pub(crate) struct Hall {
    pub(crate) space: Arc<Space>,
    pub(super) members: RefCell<Members>,
    rooms: RefCell<HashMap<RoomName, Room, RandomState>>,
    /// Seats taken, those in middleware too.
    pub(super) seats: Cell<usize>,
    /// Of these, those that wait for their clients.
    pub(super) away: Cell<usize>,
    /// What was delivered, if sessions can be recovered.
    pub(super) log: Option<RefCell<Log>>,
}

impl fmt::Debug for Hall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hall").field("space", &self.space).finish_non_exhaustive()
    }
}

impl Hall {
    fn new(space: Arc<Space>, hasher: &RandomState, log: Option<Log>) -> Rc<Self> {
        Rc::new(Self {
            space,
            members: RefCell::new(IndexMap::with_hasher(hasher.clone())),
            rooms: RefCell::new(HashMap::with_hasher(hasher.clone())),
            seats: Cell::new(0),
            away: Cell::new(0),
            log: log.map(RefCell::new),
        })
    }

    /// Gives an event its offset, and remembers it unless it is volatile. Tells its number, if it got one.
    pub(super) fn record(
        &self,
        hub: &HubInner,
        to: To<'_>,
        frame: Frame,
        volatile: bool,
    ) -> (Frame, Option<u64>) {
        let Some(log) = self.log.as_ref().filter(|_| frame.is_numbered()) else { return (frame, None) };
        hub.note_holes();
        if volatile {
            return (frame.stamped(log.borrow().place()), None);
        }
        let (frame, seq) = log.borrow_mut().record(&hub.fleet, to, frame, Instant::now());
        (frame, Some(seq))
    }

    pub(super) fn has_hole(&self) {
        if let Some(log) = &self.log {
            log.borrow_mut().has_hole();
        }
    }

    pub(super) fn forget_old(&self, hub: &HubInner, now: Instant) {
        if let Some(log) = &self.log {
            log.borrow_mut().forget_old(&hub.fleet, now);
        }
    }

    /// Where else a room has members, if it has any here.
    pub(super) fn spread_of(&self, room: &RoomName) -> Option<Arc<Spread>> {
        self.rooms.borrow().get(room).map(|room| room.spread.clone())
    }

    pub(super) fn each_in(&self, room: &RoomName, mut visit: impl FnMut(&Rc<Seat>)) {
        if let Some(room) = self.rooms.borrow().get(room) {
            room.members.values().for_each(&mut visit);
        }
    }

    pub(super) fn tell(&self, events: impl IntoIterator<Item = RoomEvent>) {
        if self.space.observer.is_watching() {
            events.into_iter().for_each(|event| self.space.observer.tell(event));
        }
    }
}

impl HubInner {
    /// The namespace's hall on this worker.
    pub(crate) fn hall(&self, space: &Arc<Space>) -> Rc<Hall> {
        let mut halls = self.halls.borrow_mut();
        let log = || self.settings.log().map(Log::new);
        halls.entry(space.id).or_insert_with(|| Hall::new(space.clone(), &self.hasher, log())).clone()
    }

    /// The socket is connected: broadcasts reach it, and it is in the room of its own id.
    pub(crate) fn admit(&self, seat: &Rc<Seat>) {
        seat.unmute();
        seat.admitted.set(true);
        if let (Some(log), Some(reading)) = (&seat.hall.log, &seat.reading) {
            reading.begins(&log.borrow());
        }
        seat.hall.members.borrow_mut().insert(seat.key, seat.clone());
        seat.hall.space.spread.add(self.worker);
        self.join(seat, &RoomName::from(seat.id.as_str()));
    }

    /// False when it was in the room already, or is gone (a late join must not leak).
    pub(crate) fn join(&self, seat: &Rc<Seat>, room: &RoomName) -> bool {
        let is_own = room.as_str() == seat.id.as_str();
        {
            let mut names = seat.card.names();
            if seat.card.closed.load(Ordering::Relaxed) {
                return false;
            }
            let new = if is_own {
                !seat.card.own.swap(true, Ordering::Relaxed)
            } else {
                names.insert(room.clone())
            };
            if !new {
                return false;
            }
        }
        seat.moved(room, true);
        let created = is_own || self.enter_here(seat, room);
        let created = created.then(|| RoomEvent::Created(room.clone()));
        seat.hall.tell(created.into_iter().chain([RoomEvent::Joined(room.clone(), seat.id)]));
        true
    }

    /// Adds a member to the local room and counts it. True when the room is new to the server.
    fn enter_here(&self, seat: &Rc<Seat>, room: &RoomName) -> bool {
        let mut rooms = seat.hall.rooms.borrow_mut();
        if let Some(local) = rooms.get_mut(room) {
            local.spread.add(self.worker);
            local.members.insert(seat.key, seat.clone());
            return false;
        }
        let (spread, created) = self.fleet.directory.enter(seat.hall.space.id, room, self.worker);
        let mut members = IndexMap::with_hasher(self.hasher.clone());
        members.insert(seat.key, seat.clone());
        rooms.insert(room.clone(), Room { members, spread });
        created
    }

    /// False when it was not in the room.
    pub(crate) fn leave(&self, seat: &Rc<Seat>, room: &RoomName) -> bool {
        let is_own = room.as_str() == seat.id.as_str();
        {
            let mut names = seat.card.names();
            let was = if is_own { seat.card.own.swap(false, Ordering::Relaxed) } else { names.remove(room) };
            if !was {
                return false;
            }
        }
        seat.moved(room, false);
        let deleted = is_own || self.strike(seat, room);
        let deleted = deleted.then(|| RoomEvent::Deleted(room.clone()));
        seat.hall.tell([RoomEvent::Left(room.clone(), seat.id)].into_iter().chain(deleted));
        seat.untie(room);
        true
    }

    /// Removes a member from the local room and takes its count back. True when the room ends with it.
    fn strike(&self, seat: &Seat, room: &RoomName) -> bool {
        let mut rooms = seat.hall.rooms.borrow_mut();
        if let Some(local) = rooms.get_mut(room) {
            local.members.swap_remove(&seat.key);
            if !local.members.is_empty() {
                local.spread.remove(self.worker);
                return false;
            }
            rooms.remove(room);
        }
        drop(rooms);
        match self.fleet.directory.exit(seat.hall.space.id, room, self.worker) {
            Exit::Others => false,
            Exit::Last => true,
            Exit::Lingers(time) => {
                Lingering::begin(&self.fleet, &seat.hall, room, time);
                false
            }
        }
    }

    /// Out of all rooms and out of the namespace. Later joins do nothing.
    pub(crate) fn vacate(&self, seat: &Rc<Seat>) {
        seat.mute();
        seat.set_away(false);
        let (own, others) = {
            let mut names = seat.card.names();
            if seat.card.closed.swap(true, Ordering::Relaxed) {
                return;
            }
            (seat.card.own.swap(false, Ordering::Relaxed), names.take())
        };
        if seat.admitted.replace(false) {
            seat.hall.members.borrow_mut().swap_remove(&seat.key);
            seat.hall.space.spread.remove(self.worker);
        }
        let mut events = Vec::new();
        for room in others {
            let deleted = self.strike(seat, &room);
            events.push(RoomEvent::Left(room.clone(), seat.id));
            events.extend(deleted.then(|| RoomEvent::Deleted(room)));
        }
        if own {
            let own = RoomName::from(seat.id.as_str());
            events.extend([RoomEvent::Left(own.clone(), seat.id), RoomEvent::Deleted(own)]);
        }
        self.seats.borrow_mut().try_remove(seat.key as usize);
        // The occupant holds the seat: without this the two would keep each other alive.
        seat.occupant.take();
        let hall = &seat.hall;
        hall.seats.set(hall.seats.get() - 1);
        if hall.seats.get() == 0 {
            if let Some(log) = &hall.log {
                log.borrow_mut().clear(&self.fleet);
            }
            self.halls.borrow_mut().remove(&hall.space.id);
        }
        hall.tell(events);
        seat.untie_all();
    }
}
