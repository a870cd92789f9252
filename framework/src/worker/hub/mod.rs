//! What the actors of one worker share, and the hub actor that works for them.

mod actor;
mod post;
mod sessions;
#[cfg(test)]
mod tests;

use std::any::{Any, TypeId};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

use ahash::RandomState;
use slab::Slab;

use super::Op;
use super::fleet::{Berth, Fleet, Settings};
use super::frame::Frame;
use super::hall::Hall;
use super::line::Line;
use super::link::Guest;
use super::seat::Seat;
use super::timers::Timers;
use super::wire::Wire;
use crate::id::Place;
use crate::supervise::{self, Budget};
use actor::Hub;

/// A deadline this near counts as due. Timers fire up to a millisecond late, and a ping timeout must be prompt.
const SLACK: Duration = Duration::from_millis(2);

thread_local! {
    // More than one only where a thread serves several servers.
    static HERE: RefCell<Vec<Weak<HubInner>>> = const { RefCell::new(Vec::new()) };
}

/// Told of packets to seats that watch them.
pub(crate) type OutgoingWatcher = Box<dyn Fn(&Rc<Seat>, &Frame)>;

/// What a turn has for one other worker.
struct Outgoing {
    worker: u16,
    ops: Vec<Op>,
    bytes: usize,
}

/// What the actors of one worker share.
pub(crate) struct HubInner {
    pub(crate) worker: u16,
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) settings: Settings,
    pub(super) hasher: RandomState,
    pub(super) halls: RefCell<HashMap<u32, Rc<Hall>, RandomState>>,
    pub(super) seats: RefCell<Slab<Rc<Seat>>>,
    pub(super) passes: Cell<u64>,
    lines: RefCell<Slab<Rc<Line>>>,
    pub(super) guests: RefCell<Slab<Option<Guest>>>,
    links_made: Cell<u32>,
    timers: RefCell<Timers>,
    dirty: RefCell<Vec<Rc<Line>>>,
    /// WebSockets that something waits for and whose clients spoke in this turn.
    speakers: RefCell<Vec<Rc<Wire>>>,
    /// The others that something waits for.
    listeners: RefCell<Vec<Rc<Wire>>>,
    /// To be woken when the turn ends, unless they were by then.
    later: RefCell<Vec<Later>>,
    outgoing: RefCell<Vec<Outgoing>>,
    /// Lists of batches that came from others, for those that go there.
    spare: RefCell<Vec<Vec<Op>>>,
    waker: RefCell<Option<Waker>>,
    outgoing_watcher: OutgoingWatcher,
    /// WebSocket bodies that have not ended.
    bodies: Cell<usize>,
    quiet: RefCell<Vec<tokio::sync::oneshot::Sender<()>>>,
    /// Of layers above, by type.
    kept: RefCell<HashMap<TypeId, Rc<dyn Any>>>,
}

/// A waker that may be taken back.
pub(crate) type Later = Rc<Cell<Option<Waker>>>;

impl std::fmt::Debug for HubInner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HubInner").field("worker", &self.worker).finish_non_exhaustive()
    }
}

impl HubInner {
    /// Starts the hub of this thread. `None` when the fleet has no berth left. `outgoing_watcher` is told of packets
    /// to seats that watch them.
    pub(crate) fn start(fleet: &Arc<Fleet>, outgoing_watcher: OutgoingWatcher) -> Option<Rc<Self>> {
        let worker = fleet.claim()?;
        let hasher = RandomState::new();
        let inner = Rc::new(Self {
            worker,
            fleet: fleet.clone(),
            settings: fleet.settings.clone(),
            halls: RefCell::new(HashMap::with_hasher(hasher.clone())),
            hasher,
            seats: RefCell::default(),
            passes: Cell::new(0),
            lines: RefCell::default(),
            guests: RefCell::default(),
            links_made: Cell::new(0),
            timers: RefCell::default(),
            dirty: RefCell::default(),
            speakers: RefCell::default(),
            listeners: RefCell::default(),
            later: RefCell::default(),
            outgoing: RefCell::default(),
            spare: RefCell::default(),
            waker: RefCell::default(),
            outgoing_watcher,
            bodies: Cell::new(0),
            quiet: RefCell::default(),
            kept: RefCell::default(),
        });
        let addr = supervise::start("hub", Hub::of(&inner), Budget::default(), |_| {});
        inner.berth().moor(addr.recipient());
        HERE.with_borrow_mut(|here| {
            here.retain(|hub| hub.strong_count() > 0);
            here.push(Rc::downgrade(&inner));
        });
        Some(inner)
    }

    /// The hub of this thread, if the thread is one of the fleet's workers.
    pub(crate) fn here(fleet: &Arc<Fleet>) -> Option<Rc<Self>> {
        let find = |here: &RefCell<Vec<Weak<Self>>>| {
            here.borrow().iter().filter_map(Weak::upgrade).find(|hub| Arc::ptr_eq(&hub.fleet, fleet))
        };
        // What is dropped when the thread ends may ask when this is gone.
        HERE.try_with(find).ok().flatten()
    }

    /// What a layer above keeps with this worker, made when it is asked for first.
    #[expect(clippy::expect_used, reason = "the key is the value's own type")]
    pub(crate) fn kept<T: Default + 'static>(&self) -> Rc<T> {
        let mut kept = self.kept.borrow_mut();
        let value = kept.entry(TypeId::of::<T>()).or_insert_with(|| Rc::new(T::default())).clone();
        value.downcast().expect("a value of its own type")
    }

    /// A number for a WebSocket of one of this worker's sessions. Unlike slots it is not used again: word of a WebSocket
    /// may come after its session's slot was given to another.
    pub(crate) fn next_link(&self) -> u32 {
        self.links_made.set(self.links_made.get().wrapping_add(1));
        self.links_made.get()
    }

    pub(crate) fn place(&self, slot: u32) -> Place {
        Place { worker: self.worker, slot }
    }

    pub(super) fn slot_number(&self, key: usize) -> Option<u32> {
        if key < Place::SLOTS { u32::try_from(key).ok() } else { None }
    }

    pub(super) fn tell_outgoing(&self, seat: &Rc<Seat>, frame: &Frame) {
        (self.outgoing_watcher)(seat, frame);
    }

    fn wake(&self) {
        let waker = self.waker.borrow_mut().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    #[expect(clippy::expect_used, reason = "a hub exists only with its berth")]
    fn berth(&self) -> &Berth {
        self.fleet.berth(self.worker).expect("the hub's berth")
    }

    /// All seats taken.
    pub(crate) fn seats(&self) -> Vec<Rc<Seat>> {
        self.seats.borrow().iter().map(|(_, seat)| seat.clone()).collect()
    }

    /// The seat at this place, whoever has it.
    pub(crate) fn seat_at(&self, key: u32) -> Option<Rc<Seat>> {
        self.seats.borrow().get(key as usize).cloned()
    }

    /// A packet that was refused because this worker was behind never reached its logs: from there on nobody can be told all it missed.
    pub(super) fn note_holes(&self) {
        if self.berth().has_lost() {
            let halls: Vec<_> = self.halls.borrow().values().cloned().collect();
            halls.iter().for_each(|hall| hall.has_hole());
        }
    }

    fn forget_old(&self) {
        let halls: Vec<_> = self.halls.borrow().values().cloned().collect();
        halls.iter().for_each(|hall| hall.forget_old(self, Instant::now()));
    }

    pub(super) fn mark_dirty(&self, line: &Rc<Line>) {
        if !line.dirty.replace(true) {
            self.dirty.borrow_mut().push(line.clone());
            self.wake();
        }
    }

    pub(super) fn mark_unwritten(&self, wire: &Rc<Wire>) {
        self.listeners.borrow_mut().push(wire.clone());
        self.wake();
    }

    /// This client spoke, and may wait for what it is sent before it speaks again.
    pub(super) fn answer_first(&self, wire: &Rc<Wire>) {
        let last = self.listeners.borrow_mut().pop_if(|last| Rc::ptr_eq(last, wire));
        self.speakers.borrow_mut().push(last.unwrap_or_else(|| wire.clone()));
    }

    /// All that a turn had for other workers and for those who spoke in it.
    fn flush(&self) {
        while !self.dirty.borrow().is_empty() {
            for line in self.dirty.take() {
                line.flush(self);
            }
        }
        self.send_batches();
        write_each(&self.speakers);
        self.wake_those();
    }

    /// Wakes it at the end of the turn, unless it is taken back before.
    pub(crate) fn wake_later(&self, later: Later) {
        self.later.borrow_mut().push(later);
        self.wake();
    }

    fn wake_those(&self) {
        let mut later = self.later.take();
        later.drain(..).filter_map(|waker| waker.take()).for_each(Waker::wake);
        if self.later.borrow().is_empty() {
            self.later.replace(later);
        }
    }

    fn has_listeners(&self) -> bool {
        !self.listeners.borrow().is_empty()
    }

    /// All that has come together for those who only listen.
    fn write_to_listeners(&self) {
        write_each(&self.listeners);
    }
}

/// One write to each client for all that there is for it.
fn write_each(list: &RefCell<Vec<Rc<Wire>>>) {
    let mut wires = list.take();
    wires.drain(..).for_each(|wire| wire.turn_ends());
    // Its space is used again.
    if list.borrow().is_empty() {
        list.replace(wires);
    }
}

impl Drop for HubInner {
    fn drop(&mut self) {
        let seats: Vec<_> = self.seats.get_mut().drain().collect();
        for seat in seats {
            // What this worker counted must not outlive it.
            self.vacate(&seat);
        }
        self.send_batches();
        self.berth().leave();
    }
}
