//! Deadlines of one worker: one heap, at most one live entry per line, so an idle connection holds no timer of its own.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::num::NonZeroU64;
use std::time::{Duration, Instant};

/// See the module. Entries are not removed when they become pointless; the owner is asked when they pop.
#[derive(Debug)]
pub(crate) struct Timers {
    start: Instant,
    heap: BinaryHeap<Reverse<(Tick, u32)>>,
}

/// A deadline in nanoseconds from the worker's start. Each connection has one and an entry with it, and an `Instant` takes twice the space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tick(NonZeroU64);

impl Default for Timers {
    fn default() -> Self {
        Self { start: Instant::now(), heap: BinaryHeap::new() }
    }
}

impl Timers {
    pub(crate) fn tick(&self, at: Instant) -> Tick {
        let since = at.saturating_duration_since(self.start).as_nanos();
        Tick(u64::try_from(since).ok().map_or(NonZeroU64::MAX, |since| NonZeroU64::MIN.saturating_add(since)))
    }

    /// True when this deadline is now the earliest.
    pub(crate) fn push(&mut self, at: Tick, slot: u32) -> bool {
        let earliest = self.heap.peek().is_none_or(|Reverse((next, _))| at < *next);
        self.heap.push(Reverse((at, slot)));
        earliest
    }

    /// When the earliest is due.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((Tick(at), _))| self.start + Duration::from_nanos(at.get() - 1))
    }

    /// The next entry that is due at `now`.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<(Tick, u32)> {
        if self.next()? > now {
            return None;
        }
        self.heap.pop().map(|Reverse(entry)| entry)
    }
}
