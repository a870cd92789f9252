//! Membership on one worker: which sockets are in which namespace and room.
//!
//! Everything is local and synchronous: a join is visible to the next line of whoever called it. No user code runs
//! while these maps are borrowed; observers are told afterwards.

use std::cell::{Cell, Ref, RefCell};
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use ahash::RandomState;
use indexmap::{IndexMap, IndexSet};

use super::directory::{Exit, Spread};
use super::frame::Frame;
use super::line::Line;
use super::log::{Log, Reading, Shown, To};
use super::tie::{Lingering, Tie};
use super::{HubInner, RoomName};
use crate::config::Recovery;
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

/// What the layer above hangs on a seat.
pub(crate) trait Occupant {
    fn as_any(self: Rc<Self>) -> Rc<dyn std::any::Any>;
    /// Sends a frame to it, unless it has left; an acknowledgement only if it was asked for in this life of the session.
    fn transmit(&self, frame: Frame, volatile: bool, life: u32);
}

type Members = IndexMap<u32, Rc<Seat>, RandomState>;

/// What every thread may ask of a socket: whether it is there and which rooms it is in. Delivery does not need it.
#[derive(Debug, Default)]
pub(crate) struct Card {
    connected: AtomicBool,
    away: AtomicBool,
    rooms: Mutex<Named>,
}

#[derive(Debug, Default)]
struct Named {
    own: bool,
    closed: bool,
    others: IndexSet<RoomName, RandomState>,
}

impl Card {
    pub(crate) fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Acquire)
    }

    pub(crate) fn is_away(&self) -> bool {
        self.away.load(Ordering::Acquire)
    }

    fn named(&self) -> MutexGuard<'_, Named> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Names of its rooms, its own first.
    pub(crate) fn rooms(&self, id: SocketId) -> Vec<RoomName> {
        let named = self.named();
        let own = named.own.then(|| RoomName::from(id.as_str()));
        own.into_iter().chain(named.others.iter().cloned()).collect()
    }

    pub(crate) fn room_count(&self) -> usize {
        self.named().others.len()
    }

    pub(crate) fn is_in(&self, room: &str) -> bool {
        self.named().others.contains(room)
    }
}

/// A socket's place on its worker.
pub(crate) struct Seat {
    pub(crate) key: u32,
    pub(crate) id: SocketId,
    line: RefCell<Rc<Line>>,
    pub(crate) hall: Rc<Hall>,
    /// Past its middleware and not yet gone: broadcasts reach it.
    pub(crate) connected: Cell<bool>,
    /// Its transport is lost and it may come back: it stays in its rooms, and what is sent to it is kept.
    pub(crate) away: Cell<bool>,
    pub(super) reading: Reading,
    /// Wants to see what is sent to it (`on_any_outgoing`).
    pub(crate) watches_outgoing: Cell<bool>,
    pub(crate) card: Arc<Card>,
    admitted: Cell<bool>,
    own_room: Cell<bool>,
    stamp: Cell<u64>,
    pub(super) ties: RefCell<Vec<(RoomName, Rc<dyn Tie>)>>,
    occupant: RefCell<Option<Rc<dyn Occupant>>>,
}

impl fmt::Debug for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seat")
            .field("id", &self.id)
            .field("connected", &self.connected)
            .finish_non_exhaustive()
    }
}

impl Seat {
    pub(crate) fn seat(&self, occupant: Rc<dyn Occupant>) {
        *self.occupant.borrow_mut() = Some(occupant);
    }

    pub(crate) fn occupant(&self) -> Option<Rc<dyn Occupant>> {
        self.occupant.borrow().clone()
    }

    /// Broadcasts no longer reach it; it leaves its rooms when its handlers have been told.
    pub(crate) fn mute(&self) {
        self.connected.set(false);
        self.card.connected.store(false, Ordering::Release);
    }

    fn unmute(&self) {
        self.connected.set(true);
        self.card.connected.store(true, Ordering::Release);
    }

    fn moved(&self, room: &RoomName, entered: bool) {
        if let Some(log) = &self.hall.log {
            self.reading.moves(&log.borrow(), room, entered);
        }
    }

    // ---- away ----------------------------------------------------------------------------------------------

    pub(crate) fn set_away(&self, away: bool) {
        let was = self.away.replace(away);
        let others = self.hall.away.get();
        self.hall.away.set(others + usize::from(away) - usize::from(was));
        self.card.away.store(away, Ordering::Release);
    }

    /// Its transport is lost. What is sent to it from here on waits in the log. False when it cannot come back: its client has no place
    /// to show, or too many are away.
    pub(crate) fn go_away(&self, recovery: &Recovery) -> bool {
        let has_place = recovery.before_first_event || self.reading.has_place();
        if !has_place || self.hall.away.get() >= recovery.max_sessions_away {
            return false;
        }
        self.mute();
        self.set_away(true);
        if let Some(log) = &self.hall.log {
            self.reading.loses(&log.borrow());
        }
        self.tell_away(true);
        true
    }

    /// Gives an event for this socket alone its offset, and remembers it unless it is volatile.
    pub(crate) fn record(&self, hub: &HubInner, frame: Frame, volatile: bool) -> Frame {
        let (frame, seq) = self.hall.record(hub, To::One(self.key), frame, volatile);
        if frame.is_numbered() && self.connected.get() {
            self.reading.told();
            if let Some(seq) = seq {
                self.reading.handed(seq);
            }
        }
        frame
    }

    /// Where a client that shows this goes on. `None` when it cannot be told all it missed.
    pub(crate) fn resume_from(&self, hub: &HubInner, shown: Shown) -> Option<u64> {
        hub.note_holes();
        let heard = self.line().engine.borrow().heard();
        self.hall.log.as_ref()?.borrow().resume(&self.reading, shown, heard)
    }

    /// Its client is back, on this line: what it missed behind packet `from`.
    pub(crate) fn come_back(&self, line: &Rc<Line>, from: u64) -> VecDeque<Frame> {
        *self.line.borrow_mut() = line.clone();
        self.set_away(false);
        self.unmute();
        self.tell_away(false);
        let Some(log) = &self.hall.log else { return VecDeque::new() };
        let log = log.borrow();
        let missed = log.missed(self.key, from, &self.reading, self.card.rooms(self.id));
        self.reading.returns(&missed, Instant::now());
        missed.frames
    }

    /// What carries it, or carried it last.
    pub(crate) fn line(&self) -> Ref<'_, Rc<Line>> {
        self.line.borrow()
    }

    /// True the first time in this pass of a selection.
    pub(super) fn mark(&self, pass: u64) -> bool {
        self.stamp.replace(pass) != pass
    }

    pub(super) fn answers_to_own_room(&self) -> bool {
        self.own_room.get()
    }
}

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
    seats: Cell<usize>,
    /// Of these, those that wait for their clients.
    away: Cell<usize>,
    /// What was delivered, if sessions can be recovered.
    log: Option<RefCell<Log>>,
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

    /// A seat for a socket that is connecting. `None` when the worker has no slot left.
    pub(crate) fn take_seat(&self, space: &Arc<Space>, line: &Rc<Line>) -> Option<Rc<Seat>> {
        let hall = self.hall(space);
        let mut seats = self.seats.borrow_mut();
        let entry = seats.vacant_entry();
        let key = self.slot_number(entry.key())?;
        hall.seats.set(hall.seats.get() + 1);
        let seat = Rc::new(Seat {
            key,
            id: SocketId(self.fleet.ids.make(self.place(key))),
            line: RefCell::new(line.clone()),
            hall,
            connected: Cell::new(false),
            away: Cell::new(false),
            reading: Reading::default(),
            watches_outgoing: Cell::new(false),
            card: Arc::default(),
            admitted: Cell::new(false),
            own_room: Cell::new(false),
            stamp: Cell::new(0),
            ties: RefCell::default(),
            occupant: RefCell::default(),
        });
        entry.insert(seat.clone());
        Some(seat)
    }

    pub(crate) fn seat(&self, key: u32, id: SocketId) -> Option<Rc<Seat>> {
        self.seats.borrow().get(key as usize).filter(|seat| seat.id == id).cloned()
    }

    /// The socket is connected: broadcasts reach it, and it is in the room of its own id.
    pub(crate) fn admit(&self, seat: &Rc<Seat>) {
        seat.unmute();
        seat.admitted.set(true);
        if let Some(log) = &seat.hall.log {
            seat.reading.begins(&log.borrow());
        }
        seat.hall.members.borrow_mut().insert(seat.key, seat.clone());
        seat.hall.space.spread.add(self.worker);
        self.join(seat, &RoomName::from(seat.id.as_str()));
    }

    /// False when it was in the room already, or is gone (a late join must not leak).
    pub(crate) fn join(&self, seat: &Rc<Seat>, room: &RoomName) -> bool {
        let is_own = room.as_str() == seat.id.as_str();
        {
            let mut named = seat.card.named();
            if named.closed {
                return false;
            }
            let new = if is_own {
                !std::mem::replace(&mut named.own, true)
            } else {
                named.others.insert(room.clone())
            };
            if !new {
                return false;
            }
        }
        seat.moved(room, true);
        let created = if is_own {
            seat.own_room.set(true);
            true
        } else {
            self.enter_here(seat, room)
        };
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
            let mut named = seat.card.named();
            let was = if is_own { std::mem::take(&mut named.own) } else { named.others.swap_remove(room) };
            if !was {
                return false;
            }
        }
        seat.moved(room, false);
        let deleted = if is_own { seat.own_room.replace(false) } else { self.strike(seat, room) };
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
            let mut named = seat.card.named();
            if std::mem::replace(&mut named.closed, true) {
                return;
            }
            (std::mem::take(&mut named.own), std::mem::take(&mut named.others))
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
        seat.own_room.set(false);
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
