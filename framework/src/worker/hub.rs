//! The hub actor, and what the actors of one worker share through it.

use std::any::{Any, TypeId};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::{Duration, Instant};

use actix::fut::ActorFuture;
use actix::{Actor, ActorFutureExt, AsyncContext, Context, Handler, Supervised, WrapFuture};
use ahash::RandomState;
use slab::Slab;
use tokio::time::Sleep;

use super::fleet::{Batch, Berth, Fleet, Settings};
use super::frame::Frame;
use super::hall::Hall;
use super::line::Line;
use super::link::Guest;
use super::seat::Seat;
use super::timers::Timers;
use super::wire::Wire;
use super::{Op, Signal};
use crate::engine::CloseReason;
use crate::engine::session::{Session, TransportKind};
use crate::id::{Id, Place, SessionId};
use crate::supervise::{self, Budget};

/// A deadline this near counts as due. Timers fire up to a millisecond late, and a ping timeout must be prompt.
const SLACK: Duration = Duration::from_millis(2);

/// Operations after which a hub lets other tasks of its worker run.
const BATCH: usize = 512;

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
    /// WebSockets that something waits for.
    unwritten: RefCell<Vec<Rc<Wire>>>,
    /// To be woken when the turn ends, unless they were by then.
    later: RefCell<Vec<Later>>,
    outgoing: RefCell<Vec<Outgoing>>,
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
            unwritten: RefCell::default(),
            later: RefCell::default(),
            outgoing: RefCell::default(),
            waker: RefCell::default(),
            outgoing_watcher,
            bodies: Cell::new(0),
            quiet: RefCell::default(),
            kept: RefCell::default(),
        });
        let hub = Hub { inner: Rc::downgrade(&inner), waiting: VecDeque::new(), handled: 0 };
        let addr = supervise::start("hub", hub, Budget::default(), |_| {});
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

    // ---- lines ---------------------------------------------------------------------------------------------

    /// A new session. `None` when the worker has as many as it may have.
    pub(crate) fn open(&self, via: TransportKind, now: Instant) -> Option<Rc<Line>> {
        let connect_by = self.settings.connect_timeout.map(|timeout| now + timeout);
        let line = self.add_line(Session::open(via, self.settings.timing.clone(), now), connect_by)?;
        self.berth().sessions.fetch_add(1, Ordering::Relaxed);
        self.arm_slot(&line);
        Some(line)
    }

    /// A session for a client whose connection is on another worker, which counts it and keeps its heartbeat.
    pub(crate) fn open_far(&self, now: Instant) -> Option<Rc<Line>> {
        let connect_by = self.settings.connect_timeout.map(|timeout| now + timeout);
        let line = self.add_line(Session::open_far(self.settings.timing.clone(), now), connect_by)?;
        line.is_far.set(true);
        self.arm_slot(&line);
        Some(line)
    }

    fn add_line(&self, session: Session, connect_by: Option<Instant>) -> Option<Rc<Line>> {
        let mut lines = self.lines.borrow_mut();
        if lines.len() >= self.settings.max_sessions {
            return None;
        }
        let entry = lines.vacant_entry();
        let slot = self.slot_number(entry.key())?;
        let sid = SessionId(self.fleet.ids.make(self.place(slot)));
        let line = Line::new(slot, sid, session, connect_by);
        entry.insert(line.clone());
        Some(line)
    }

    #[expect(clippy::expect_used, reason = "a hub exists only with its berth")]
    fn berth(&self) -> &Berth {
        self.fleet.berth(self.worker).expect("the hub's berth")
    }

    pub(crate) fn line(&self, slot: u32, sid: &Id) -> Option<Rc<Line>> {
        let line = self.lines.borrow().get(slot as usize).filter(|line| line.sid.0 == *sid).cloned()?;
        // A request that arrives after a deadline must not be served because the timer is late.
        if line.next_deadline().is_some_and(|at| at <= Instant::now()) {
            self.run_deadline(&line, Instant::now());
        }
        Some(line)
    }

    pub(super) fn line_at(&self, slot: u32) -> Option<Rc<Line>> {
        self.lines.borrow().get(slot as usize).cloned()
    }

    /// Resolves when no WebSocket of this worker has anything left to take, and no poll waits for its goodbye.
    pub(crate) async fn when_quiet(&self) {
        while self.bodies.get() > 0 {
            let (tx, rx) = tokio::sync::oneshot::channel();
            self.quiet.borrow_mut().push(tx);
            let _ = rx.await;
        }
    }

    pub(super) fn body_began(&self) {
        self.bodies.set(self.bodies.get() + 1);
    }

    pub(super) fn body_ended(&self) {
        self.bodies.set(self.bodies.get().saturating_sub(1));
        if self.bodies.get() == 0 {
            for waiter in self.quiet.take() {
                let _ = waiter.send(());
            }
        }
    }

    pub(crate) fn lines(&self) -> Vec<Rc<Line>> {
        self.lines.borrow().iter().map(|(_, line)| line.clone()).collect()
    }

    /// Ends a session; the first reason counts.
    pub(crate) fn close(&self, line: &Rc<Line>, reason: CloseReason) {
        if line.engine.borrow_mut().close() {
            line.shut(self, reason);
            line.signal(Signal::Closed(reason));
            self.arm_slot(line);
        }
    }

    /// The connection actor has finished.
    pub(crate) fn release(&self, line: &Rc<Line>) {
        self.close(line, CloseReason::ForcedClose);
        line.release();
        self.forget(line);
    }

    /// Frees the slot if nothing needs it any more.
    pub(super) fn forget(&self, line: &Rc<Line>) {
        if line.is_finished() {
            let mut lines = self.lines.borrow_mut();
            if lines.get(line.slot as usize).is_some_and(|at| Rc::ptr_eq(at, line)) {
                lines.remove(line.slot as usize);
                if !line.is_far.get() {
                    self.berth().sessions.fetch_sub(1, Ordering::Relaxed);
                }
            }
        }
    }

    pub(super) fn mark_dirty(&self, line: &Rc<Line>) {
        if !line.dirty.replace(true) {
            self.dirty.borrow_mut().push(line.clone());
            self.wake();
        }
    }

    pub(super) fn mark_unwritten(&self, wire: &Rc<Wire>) {
        self.unwritten.borrow_mut().push(wire.clone());
        self.wake();
    }

    /// One write for all that a turn had for a client.
    fn write_out(&self) {
        let mut wires = self.unwritten.take();
        wires.drain(..).for_each(|wire| wire.turn_ends());
        // Its space is used again.
        if self.unwritten.borrow().is_empty() {
            self.unwritten.replace(wires);
        }
    }

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

    // ---- deadlines -----------------------------------------------------------------------------------------

    pub(crate) fn arm_slot(&self, line: &Line) {
        let Some(at) = line.next_deadline() else { return };
        if line.armed.get().is_none_or(|armed| at < armed) {
            line.armed.set(Some(at));
            if self.timers.borrow_mut().push(at, line.slot) {
                self.wake();
            }
        }
    }

    fn run_deadline(&self, line: &Rc<Line>, now: Instant) {
        line.on_deadline(self, now + SLACK);
        self.arm_slot(line);
    }

    fn run_timers(&self, now: Instant) {
        loop {
            let due = self.timers.borrow_mut().pop_due(now + SLACK);
            let Some((at, slot)) = due else { return };
            let Some(line) = self.line_at(slot) else { continue };
            // An entry that does not match was replaced by an earlier one, or belongs to the slot's last owner.
            if line.armed.get() == Some(at) {
                line.armed.set(None);
                self.run_deadline(&line, now);
            }
        }
    }

    // ---- other workers -------------------------------------------------------------------------------------

    /// Queues an operation for another worker; the turn's batch leaves at its end. False when it was refused because the
    /// worker is overloaded (see [`Op::is_refusable`]).
    pub(crate) fn post(&self, worker: u16, op: Op) -> bool {
        let mut outgoing = self.outgoing.borrow_mut();
        let known = outgoing.iter_mut().find(|waits| waits.worker == worker);
        if self.fleet.refuses(worker, known.as_ref().map_or(0, |waits| waits.bytes), &op) {
            return false;
        }
        let bytes = op.len();
        match known {
            Some(waits) => {
                waits.ops.push(op);
                waits.bytes += bytes;
            }
            None => outgoing.push(Outgoing { worker, ops: vec![op], bytes }),
        }
        drop(outgoing);
        self.wake();
        true
    }

    /// Runs `errand` on a worker: here at once, elsewhere in order with everything else sent there.
    pub(crate) fn run_on(self: &Rc<Self>, worker: u16, errand: super::Errand) {
        if worker == self.worker {
            errand(self)
        } else {
            let _ = self.post(worker, Op::Run(errand));
        }
    }

    /// Posts from whatever thread this is; a worker's own posts keep their order.
    pub(crate) fn post_from_anywhere(fleet: &Arc<Fleet>, worker: u16, op: Op) -> bool {
        match Self::here(fleet) {
            Some(hub) => hub.post(worker, op),
            None => fleet.post(worker, op),
        }
    }

    /// As [`run_on`](Self::run_on), from whatever thread this is.
    pub(crate) fn run_from_anywhere(fleet: &Arc<Fleet>, worker: u16, errand: super::Errand) {
        match Self::here(fleet) {
            Some(hub) => hub.run_on(worker, errand),
            None => drop(fleet.post(worker, Op::Run(errand))),
        }
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

    /// All seats taken.
    pub(crate) fn seats(&self) -> Vec<Rc<Seat>> {
        self.seats.borrow().iter().map(|(_, seat)| seat.clone()).collect()
    }

    /// The seat at this place, whoever has it.
    pub(crate) fn seat_at(&self, key: u32) -> Option<Rc<Seat>> {
        self.seats.borrow().get(key as usize).cloned()
    }

    fn flush(&self) {
        while !self.dirty.borrow().is_empty() {
            for line in self.dirty.take() {
                line.flush(self);
            }
        }
        self.send_batches();
        self.write_out();
        self.wake_those();
    }

    /// What the turn has for other workers leaves: before its acknowledgements can reach a client, who might tell somebody there.
    pub(crate) fn send_batches(&self) {
        if self.outgoing.borrow().is_empty() {
            return;
        }
        for Outgoing { worker, ops, bytes } in self.outgoing.take() {
            self.fleet.post_all(worker, ops, bytes);
        }
    }
}

impl Drop for HubInner {
    fn drop(&mut self) {
        let seats: Vec<_> = self.seats.get_mut().drain().collect();
        for seat in seats {
            // What this worker counted must not outlive it.
            self.vacate(&seat);
        }
        self.berth().leave();
    }
}

/// The hub as an actor: it receives what other workers send, and owns the worker's one timer.
#[derive(Debug)]
pub(crate) struct Hub {
    inner: Weak<HubInner>,
    /// Operations that have arrived. Kept here, so that a panic costs the one that it happened in.
    waiting: VecDeque<Op>,
    handled: usize,
}

impl Supervised for Hub {
    fn restarting(&mut self, ctx: &mut Self::Context) {
        self.work_off(ctx);
    }
}

impl Hub {
    fn work_off(&mut self, ctx: &mut Context<Self>) {
        let Some(hub) = self.inner.upgrade() else { return };
        while let Some(op) = self.waiting.pop_front() {
            self.handled += 1;
            hub.carry_out(op);
        }
        // A mailbox is drained without a budget: a flooded hub would never let its worker's sockets be polled.
        if self.handled >= BATCH {
            self.handled = 0;
            ctx.wait(tokio::task::yield_now().into_actor(self).map(|(), _, _| ()));
        }
    }
}

impl Actor for Hub {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.spawn(Loop { sleep: None });
        let log = self.inner.upgrade().and_then(|hub| hub.settings.log());
        if let Some(log) = log {
            ctx.run_interval((log.age / 4).max(Duration::from_secs(1)), |hub, _| {
                if let Some(hub) = hub.inner.upgrade() {
                    hub.forget_old();
                }
            });
        }
    }
}

impl Handler<Batch> for Hub {
    type Result = ();

    fn handle(&mut self, batch: Batch, ctx: &mut Self::Context) {
        let Some(hub) = self.inner.upgrade() else { return };
        hub.berth().arrived(&batch);
        self.waiting.extend(batch.ops);
        self.work_off(ctx);
    }
}

/// The end of each turn: what was gathered leaves, what is due runs.
#[derive(Debug)]
struct Loop {
    sleep: Option<Pin<Box<Sleep>>>,
}

impl ActorFuture<Hub> for Loop {
    type Output = ();

    fn poll(
        mut self: Pin<&mut Self>,
        hub: &mut Hub,
        _: &mut Context<Hub>,
        cx: &mut TaskContext<'_>,
    ) -> Poll<()> {
        let Some(hub) = hub.inner.upgrade() else { return Poll::Ready(()) };
        // Registered first, so that what happens from here on wakes this again.
        *hub.waker.borrow_mut() = Some(cx.waker().clone());
        loop {
            hub.run_timers(Instant::now());
            hub.flush();
            let Some(at) = hub.timers.borrow().next() else { return Poll::Pending };
            let at = tokio::time::Instant::from_std(at.checked_sub(SLACK).unwrap_or(at));
            let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
            if sleep.deadline() != at {
                sleep.as_mut().reset(at);
            }
            if sleep.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }
}
