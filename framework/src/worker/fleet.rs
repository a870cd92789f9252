//! What the workers of one server share: who is there, and how they are reached.
//!
//! The only state of delivery that all threads touch, but for the [`Directory`]. A worker claims a berth when it starts
//! and leaves it when it ends; what is posted to a worker that is not there is refused, not kept.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use actix::{Message, Recipient};

use super::Op;
use super::directory::Directory;
use super::line::LAST_BYTES;
use super::log::LogLimits;
use super::outbox::OutboxLimits;
use crate::config::Recovery;
use crate::engine::session::Timing;
use crate::id::Ids;

/// The figures that lines and delivery live by.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) timing: Arc<Timing>,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) max_payload: usize,
    pub(crate) outbox: OutboxLimits,
    pub(crate) max_sessions: usize,
    pub(crate) max_rooms: usize,
    pub(crate) ack_timeout: Duration,
    pub(crate) max_acks: usize,
    /// Bytes that may wait for one worker.
    pub(crate) worker_budget: usize,
    pub(crate) recovery: Option<Recovery>,
}

impl Settings {
    pub(super) fn unbounded(&self) -> OutboxLimits {
        OutboxLimits { bytes: usize::MAX, packets: usize::MAX, ..self.outbox }
    }

    /// Bounds of what is remembered of one namespace. A loss is noticed by the heartbeat, and counts from then.
    pub(super) fn log(&self) -> Option<LogLimits> {
        let recovery = self.recovery?;
        let noticed = self.timing.ping_interval + self.timing.ping_timeout + LAST_BYTES;
        Some(LogLimits {
            age: recovery.max_disconnection_duration + noticed,
            packets: recovery.log_packets,
            bytes: recovery.log_bytes,
            from_the_start: recovery.before_first_event,
        })
    }
}

/// A worker's place in the fleet.
#[derive(Debug, Default)]
pub(super) struct Berth {
    hub: RwLock<Option<Recipient<Batch>>>,
    taken: AtomicBool,
    /// Bytes on their way to it.
    inflight: AtomicUsize,
    pub(super) sessions: AtomicUsize,
    /// Something for it was refused since it looked last.
    has_lost: AtomicBool,
}

impl Berth {
    pub(super) fn moor(&self, hub: Recipient<Batch>) {
        *self.hub.write().unwrap_or_else(PoisonError::into_inner) = Some(hub);
    }

    /// Asked before every packet that is remembered, so it is a plain read unless there is something.
    pub(super) fn has_lost(&self) -> bool {
        self.has_lost.load(Ordering::Acquire) && self.has_lost.swap(false, Ordering::AcqRel)
    }

    pub(super) fn arrived(&self, batch: &Batch) {
        self.inflight.fetch_sub(batch.bytes, Ordering::AcqRel);
    }

    /// The worker has ended: another may take its place.
    pub(super) fn leave(&self) {
        *self.hub.write().unwrap_or_else(PoisonError::into_inner) = None;
        self.inflight.store(0, Ordering::Release);
        self.sessions.store(0, Ordering::Release);
        self.taken.store(false, Ordering::Release);
    }
}

/// The workers of one server. Shared by all threads.
#[derive(Debug)]
pub(crate) struct Fleet {
    pub(crate) ids: Ids,
    pub(crate) directory: Directory,
    pub(crate) draining: AtomicBool,
    pub(crate) settings: Settings,
    /// Bytes that the logs of all workers hold.
    pub(super) log_bytes: AtomicUsize,
    berths: Box<[Berth]>,
}

impl Fleet {
    pub(crate) fn new(workers: usize, settings: Settings) -> Self {
        Self {
            ids: Ids::default(),
            directory: Directory::new(workers),
            draining: AtomicBool::new(false),
            settings,
            log_bytes: AtomicUsize::new(0),
            berths: (0..workers).map(|_| Berth::default()).collect(),
        }
    }

    pub(crate) fn workers(&self) -> usize {
        self.berths.len()
    }

    /// Workers that have started and not ended.
    pub(crate) fn live(&self) -> impl Iterator<Item = u16> + '_ {
        (0u16..).zip(&self.berths).filter(|(_, b)| b.taken.load(Ordering::Acquire)).map(|(worker, _)| worker)
    }

    pub(crate) fn is_live(&self, worker: u16) -> bool {
        self.berth(worker).is_some_and(|berth| berth.taken.load(Ordering::Acquire))
    }

    pub(crate) fn sessions(&self) -> usize {
        self.berths.iter().map(|b| b.sessions.load(Ordering::Relaxed)).sum()
    }

    pub(super) fn claim(&self) -> Option<u16> {
        let free =
            |b: &Berth| b.taken.compare_exchange(false, true, Ordering::AcqRel, Ordering::Acquire).is_ok();
        self.berths.iter().position(free).and_then(|i| u16::try_from(i).ok())
    }

    /// `None` when there is no such worker.
    pub(super) fn berth(&self, worker: u16) -> Option<&Berth> {
        self.berths.get(usize::from(worker))
    }

    /// Sends one operation. False when the worker is gone or overloaded.
    pub(crate) fn post(&self, worker: u16, op: Op) -> bool {
        let bytes = op.len();
        !self.refuses(worker, 0, &op) && self.post_all(worker, vec![op], bytes)
    }

    pub(super) fn post_all(&self, worker: u16, ops: Vec<Op>, bytes: usize) -> bool {
        let Some(berth) = self.berth(worker) else { return false };
        let hub = berth.hub.read().unwrap_or_else(PoisonError::into_inner);
        let Some(hub) = &*hub else { return false };
        berth.inflight.fetch_add(bytes, Ordering::AcqRel);
        hub.do_send(Batch { ops, bytes });
        true
    }

    /// Whether a worker has fallen so far behind that this may not wait for it, too. `pending`: bytes for it that have not
    /// been posted yet.
    pub(super) fn refuses(&self, worker: u16, pending: usize, op: &Op) -> bool {
        let waits = self.berth(worker).map_or(0, |berth| berth.inflight.load(Ordering::Acquire));
        let over = waits.saturating_add(pending).saturating_add(op.len()) > self.settings.worker_budget;
        if over && op.is_refusable() {
            crate::trace::overloaded(worker);
            if let Some(berth) = self.berth(worker) {
                berth.has_lost.store(true, Ordering::Release);
            }
            return true;
        }
        false
    }
}

/// Operations of one turn of one worker.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) ops: Vec<Op>,
    bytes: usize,
}

impl Message for Batch {
    type Result = ();
}
