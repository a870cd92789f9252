//! A socket's place on its worker: who sits there, what every thread may ask of it, and what waits for it while it is away.

use std::cell::{Cell, Ref, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use ahash::RandomState;
use indexmap::IndexSet;

use super::frame::Frame;
use super::hall::{Hall, Space};
use super::line::Line;
use super::log::{Reading, Shown, To};
use super::tie::Tie;
use super::{HubInner, RoomName};
use crate::config::Recovery;
use crate::id::SocketId;
use crate::seldom::{Seldom, lend};

/// What the layer above hangs on a seat.
pub(crate) trait Occupant {
    fn as_any(self: Rc<Self>) -> Rc<dyn std::any::Any>;
    /// Sends a frame to it, unless it has left; an acknowledgement only if it was asked for in this life of the session.
    fn transmit(&self, frame: Frame, volatile: bool, life: u32);
}

/// What every thread may ask of a socket: whether it is there and which rooms it is in. Delivery does not need it.
#[derive(Debug, Default)]
pub(crate) struct Card {
    connected: AtomicBool,
    away: AtomicBool,
    /// In the room of its own id. Changed while the names are held, as the next.
    pub(super) own: AtomicBool,
    /// It has left: no room takes it any more.
    pub(super) closed: AtomicBool,
    /// The other rooms.
    rooms: Mutex<Names>,
}

/// Rooms by name. A socket that never was in one has no set.
#[derive(Debug, Default)]
pub(super) struct Names(Option<Box<IndexSet<RoomName, RandomState>>>);

impl Names {
    fn iter(&self) -> impl Iterator<Item = &RoomName> {
        self.0.iter().flat_map(|names| names.iter())
    }

    pub(super) fn insert(&mut self, room: RoomName) -> bool {
        self.0.get_or_insert_default().insert(room)
    }

    pub(super) fn remove(&mut self, room: &RoomName) -> bool {
        self.0.as_mut().is_some_and(|names| names.swap_remove(room))
    }

    pub(super) fn take(&mut self) -> impl Iterator<Item = RoomName> + use<> {
        self.0.take().into_iter().flat_map(|names| *names)
    }
}

impl Card {
    pub(crate) fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Acquire)
    }

    pub(crate) fn is_away(&self) -> bool {
        self.away.load(Ordering::Acquire)
    }

    pub(super) fn names(&self) -> MutexGuard<'_, Names> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Names of its rooms, its own first.
    pub(crate) fn rooms(&self, id: SocketId) -> Vec<RoomName> {
        let names = self.names();
        let own = self.own.load(Ordering::Relaxed).then(|| RoomName::from(id.as_str()));
        own.into_iter().chain(names.iter().cloned()).collect()
    }

    pub(crate) fn room_count(&self) -> usize {
        self.names().0.as_ref().map_or(0, |names| names.len())
    }

    pub(crate) fn is_in(&self, room: &str) -> bool {
        self.names().0.as_ref().is_some_and(|names| names.contains(room))
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
    /// Where packets are remembered.
    pub(super) reading: Option<Box<Reading>>,
    /// Wants to see what is sent to it (`on_any_outgoing`).
    pub(crate) watches_outgoing: Cell<bool>,
    pub(crate) card: Arc<Card>,
    pub(super) admitted: Cell<bool>,
    stamp: Cell<u64>,
    pub(super) ties: Cell<Seldom<(RoomName, Rc<dyn Tie>)>>,
    pub(super) occupant: Cell<Option<Rc<dyn Occupant>>>,
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
        self.occupant.set(Some(occupant));
    }

    pub(crate) fn occupant(&self) -> Option<Rc<dyn Occupant>> {
        lend(&self.occupant, |occupant| occupant.clone())
    }

    /// Broadcasts no longer reach it; it leaves its rooms when its handlers have been told.
    pub(crate) fn mute(&self) {
        self.connected.set(false);
        self.card.connected.store(false, Ordering::Release);
    }

    pub(super) fn unmute(&self) {
        self.connected.set(true);
        self.card.connected.store(true, Ordering::Release);
    }

    pub(super) fn moved(&self, room: &RoomName, entered: bool) {
        if let (Some(log), Some(reading)) = (&self.hall.log, &self.reading) {
            reading.moves(&log.borrow(), room, entered);
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
        let has_place =
            recovery.before_first_event || self.reading.as_ref().is_some_and(|reading| reading.has_place());
        if !has_place || self.hall.away.get() >= recovery.max_sessions_away {
            return false;
        }
        self.mute();
        self.set_away(true);
        if let (Some(log), Some(reading)) = (&self.hall.log, &self.reading) {
            reading.loses(&log.borrow());
        }
        self.tell_away(true);
        true
    }

    /// Gives an event for this socket alone its offset, and remembers it unless it is volatile.
    pub(crate) fn record(&self, hub: &HubInner, frame: Frame, volatile: bool) -> Frame {
        let (frame, seq) = self.hall.record(hub, To::One(self.key), frame, volatile);
        if frame.is_numbered() && self.connected.get() {
            self.is_sent(seq);
        }
        frame
    }

    /// It is sent an event, whose number is `seq` if it is remembered.
    pub(super) fn is_sent(&self, seq: Option<u64>) {
        if let Some(reading) = &self.reading {
            reading.sent(seq);
        }
    }

    /// Where a client that shows this goes on. `None` when it cannot be told all it missed.
    pub(crate) fn resume_from(&self, hub: &HubInner, shown: Shown) -> Option<u64> {
        hub.note_holes();
        let heard = self.line().engine.borrow().heard();
        self.hall.log.as_ref()?.borrow().resume(self.reading.as_ref()?, shown, heard)
    }

    /// Its client is back, on this line: what it missed behind packet `from`.
    pub(crate) fn come_back(&self, line: &Rc<Line>, from: u64) -> VecDeque<Frame> {
        *self.line.borrow_mut() = line.clone();
        self.set_away(false);
        self.unmute();
        self.tell_away(false);
        let (Some(log), Some(reading)) = (&self.hall.log, &self.reading) else { return VecDeque::new() };
        let log = log.borrow();
        let missed = log.missed(self.key, from, reading, self.card.rooms(self.id));
        reading.returns(&missed, Instant::now());
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
        self.card.own.load(Ordering::Relaxed)
    }
}

impl HubInner {
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
            reading: hall.log.is_some().then(Box::default),
            hall,
            connected: Cell::new(false),
            away: Cell::new(false),
            watches_outgoing: Cell::new(false),
            card: Arc::default(),
            admitted: Cell::new(false),
            stamp: Cell::new(0),
            ties: Cell::default(),
            occupant: Cell::default(),
        });
        entry.insert(seat.clone());
        Some(seat)
    }

    pub(crate) fn seat(&self, key: u32, id: SocketId) -> Option<Rc<Seat>> {
        self.seats.borrow().get(key as usize).filter(|seat| seat.id == id).cloned()
    }
}
