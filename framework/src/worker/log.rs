//! What a worker delivered in one namespace, so that a client that was away gets what it missed.
//!
//! Packets are kept in the order of delivery, encoded as they were sent, each with whom it was for. A packet's number is the
//! offset that its clients show when they come back. Bounded by age, packets and bytes; what fell out is remembered by its
//! number and time, so that a session that may have missed it is told, never given a list with a hole.

use std::cell::{Cell, RefCell};
use std::collections::{HashSet, VecDeque};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::delivery::Target;
use super::frame::Frame;
use super::{Fleet, RoomName};

/// What an entry holds besides its packet, for the bound in bytes.
const OVERHEAD: usize = std::mem::size_of::<Entry>();

/// Moves of one socket that are remembered while packets wait that were sent before them.
const MOVES: usize = 1_000;

/// A place in a log, as a client shows it: 16 characters, 42 bits for which log and 54 bits for which packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Offset {
    log: u64,
    seq: u64,
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const LOG_CHARS: usize = 7;

impl Offset {
    pub(crate) const LEN: usize = 16;

    pub(super) fn encode(self) -> [u8; Self::LEN] {
        let mut text = [0; Self::LEN];
        let (log, seq) = text.split_at_mut(LOG_CHARS);
        for (chars, mut number) in [(log, self.log), (seq, self.seq)] {
            for char in chars.iter_mut().rev() {
                *char = ALPHABET[(number & 63) as usize];
                number >>= 6;
            }
        }
        text
    }

    /// `None` for a text that no log of ours has written.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes: &[u8; Self::LEN] = text.as_bytes().try_into().ok()?;
        let (log, seq) = bytes.split_at(LOG_CHARS);
        let number = |chars: &[u8]| {
            chars.iter().try_fold(0u64, |number, char| {
                let digit = ALPHABET.iter().position(|known| known == char)?;
                Some(number << 6 | digit as u64)
            })
        };
        Some(Self { log: number(log)?, seq: number(seq)? })
    }
}

/// Whom a packet was for.
enum Audience {
    /// The socket on this seat.
    One(u32),
    Many(Target),
}

struct Entry {
    at: Instant,
    audience: Audience,
    frame: Frame,
}

impl Entry {
    fn len(&self) -> usize {
        self.frame.len() + OVERHEAD
    }
}

/// A socket entered or left a room, after the packet with this number.
struct Move {
    behind: u64,
    room: RoomName,
    entered: bool,
}

/// What a seat remembers so that its log can be read for it.
#[derive(Default)]
pub(crate) struct Reading {
    /// The last packet before it was connected.
    since: Cell<u64>,
    /// The last packet that was meant for it while it was connected.
    last: Cell<u64>,
    /// The log's last packet when its transport was lost.
    lost: Cell<Option<u64>>,
    /// When its client came back last: what it answered before proves nothing of the replay.
    returned: Cell<Option<Instant>>,
    /// It was sent an offset.
    was_told: Cell<bool>,
    moves: RefCell<VecDeque<Move>>,
    /// Moves behind packets up to this one are forgotten.
    forgot: Cell<u64>,
}

impl Reading {
    pub(super) fn begins(&self, log: &Log) {
        self.since.set(log.last());
    }

    /// It is sent an event, whose number is `seq` if it is remembered.
    pub(super) fn sent(&self, seq: Option<u64>) {
        self.was_told.set(true);
        if let Some(seq) = seq {
            self.last.set(seq);
        }
    }

    pub(super) fn loses(&self, log: &Log) {
        self.lost.set(Some(log.last()));
    }

    /// Its client is back, and is sent what it missed.
    pub(super) fn returns(&self, missed: &Missed, now: Instant) {
        self.lost.set(None);
        self.returned.set(Some(now));
        if let Some(newest) = missed.newest {
            self.last.set(newest);
        }
    }

    /// Whether its client has a place to show.
    pub(super) fn has_place(&self) -> bool {
        self.was_told.get()
    }

    pub(super) fn moves(&self, log: &Log, room: &RoomName, entered: bool) {
        let mut moves = self.moves.borrow_mut();
        while moves.front().is_some_and(|moved| moved.behind < log.first) {
            moves.pop_front();
        }
        if log.entries.is_empty() {
            return;
        }
        if moves.len() == MOVES
            && let Some(oldest) = moves.pop_front()
        {
            self.forgot.set(oldest.behind);
        }
        moves.push_back(Move { behind: log.last(), room: room.clone(), entered });
    }
}

/// Bounds of one log. Its bytes are counted together with those of the other logs.
#[derive(Clone, Copy, Debug)]
pub(super) struct LogLimits {
    pub(super) age: Duration,
    pub(super) packets: usize,
    pub(super) bytes: usize,
    /// Whether who has received no event has a place, too.
    pub(super) from_the_start: bool,
}

/// The newest packet that is gone.
#[derive(Clone, Copy)]
struct Gone {
    seq: u64,
    at: Instant,
}

/// See the module.
pub(super) struct Log {
    id: u64,
    /// The number of the oldest entry, and of the next one if there is none. The first is 1.
    first: u64,
    entries: VecDeque<Entry>,
    gone: Option<Gone>,
    /// Something was lost behind this packet before it could be remembered, and nobody knows whom it was for.
    hole: Option<u64>,
    limits: LogLimits,
}

/// What a client has missed.
#[derive(Default)]
pub(super) struct Missed {
    pub(super) frames: VecDeque<Frame>,
    /// The number of the newest.
    pub(super) newest: Option<u64>,
}

impl Log {
    pub(super) fn new(limits: LogLimits) -> Self {
        let mut random = [0; 8];
        crate::id::fill_random(&mut random);
        let id = u64::from_le_bytes(random) & ((1 << (6 * LOG_CHARS)) - 1);
        Self { id, first: 1, entries: VecDeque::new(), gone: None, hole: None, limits }
    }

    /// The number of the newest packet.
    fn last(&self) -> u64 {
        self.first + self.entries.len() as u64 - 1
    }

    /// Where a client is that has received everything up to now.
    pub(super) fn place(&self) -> Offset {
        Offset { log: self.id, seq: self.last() }
    }

    /// Remembers a packet and writes its offset into it.
    pub(super) fn record(&mut self, fleet: &Fleet, to: To<'_>, frame: Frame, now: Instant) -> (Frame, u64) {
        let seq = self.last() + 1;
        let frame = frame.stamped(Offset { log: self.id, seq });
        let audience = match to {
            To::One(key) => Audience::One(key),
            To::Many(target) => Audience::Many(target.clone()),
        };
        let entry = Entry { at: now, audience, frame: frame.clone() };
        let used = fleet.log_bytes.fetch_add(entry.len(), Ordering::Relaxed) + entry.len();
        self.entries.push_back(entry);
        self.forget_old(fleet, now);
        let mut over = used.saturating_sub(self.limits.bytes);
        while self.entries.len() > self.limits.packets || (over > 0 && !self.entries.is_empty()) {
            over = over.saturating_sub(self.pop(fleet));
        }
        (frame, seq)
    }

    /// Forgets what is too old to be asked for.
    pub(super) fn forget_old(&mut self, fleet: &Fleet, now: Instant) {
        while self.entries.front().is_some_and(|entry| entry.at + self.limits.age <= now) {
            self.pop(fleet);
        }
        if self.entries.is_empty() && self.entries.capacity() > 64 {
            self.entries = VecDeque::new();
        }
    }

    fn pop(&mut self, fleet: &Fleet) -> usize {
        let Some(entry) = self.entries.pop_front() else { return 0 };
        fleet.log_bytes.fetch_sub(entry.len(), Ordering::Relaxed);
        self.gone = Some(Gone { seq: self.first, at: entry.at });
        self.first += 1;
        entry.len()
    }

    /// A packet was lost on its way to this worker.
    pub(super) fn has_hole(&mut self) {
        self.hole = Some(self.last());
    }

    pub(super) fn clear(&mut self, fleet: &Fleet) {
        while self.pop(fleet) > 0 {}
    }

    /// Where a client that shows this offset goes on. `None` when it cannot be told what it missed.
    /// `heard`: everything sent before was received.
    pub(super) fn resume(&self, reading: &Reading, shown: Shown, heard: Instant) -> Option<u64> {
        let from = match shown {
            Shown::Offset(offset) if offset.log == self.id => offset.seq.max(reading.since.get()),
            // Every event of this session carries an offset of this log: it has received none.
            Shown::Offset(_) | Shown::Start if self.limits.from_the_start => reading.since.get(),
            Shown::Offset(_) | Shown::Start => return None,
        };
        let in_hole = self.hole.is_some_and(|hole| from <= hole);
        if from > self.last() || from < reading.forgot.get() || in_hole {
            return None;
        }
        // What it answered on the way proves that it received what was sent before, on this transport.
        let proves = reading.returned.get().is_none_or(|returned| heard >= returned);
        let missed_gone = self.gone.is_some_and(|gone| {
            let lost = reading.lost.get().unwrap_or_else(|| self.last());
            let quiet = from >= reading.last.get() && lost >= gone.seq;
            from < gone.seq && !(proves && gone.at <= heard) && !quiet
        });
        (!missed_gone).then_some(from)
    }

    /// The packets behind number `from` that were meant for a socket that is now in these rooms.
    pub(super) fn missed(&self, key: u32, from: u64, reading: &Reading, rooms: Vec<RoomName>) -> Missed {
        let mut rooms: HashSet<RoomName> = rooms.into_iter().collect();
        let moves = reading.moves.borrow();
        let mut moves = moves.iter().rev().peekable();
        let mut missed = Missed::default();
        for (at, entry) in self.entries.iter().enumerate().rev() {
            let seq = self.first + at as u64;
            if seq <= from {
                break;
            }
            // Back in time: undo what the socket did after this packet.
            while let Some(moved) = moves.next_if(|moved| moved.behind >= seq) {
                if moved.entered {
                    rooms.remove(&moved.room);
                } else {
                    rooms.insert(moved.room.clone());
                }
            }
            let meant = match &entry.audience {
                Audience::One(seat) => *seat == key,
                Audience::Many(target) => target.holds(|room| rooms.contains(room)),
            };
            if meant {
                missed.newest.get_or_insert(seq);
                missed.frames.push_front(entry.frame.clone());
            }
        }
        missed
    }
}

/// Whom a packet is for.
#[derive(Clone, Copy)]
pub(super) enum To<'a> {
    One(u32),
    Many(&'a Target),
}

/// What a client shows of how far it got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    Offset(Offset),
    /// It has received no event.
    Start,
}

#[cfg(test)]
#[path = "log_tests.rs"]
mod tests;
