//! The queue between the server and one client's transport.
//!
//! Bounded in bytes and packets, and honest about it: a full queue is an answer, never a wait. An empty queue takes
//! one packet of any size, so a large packet can always be sent. A replay is not counted: its packets are the log's, and
//! bounded there. Frames arrive encoded; nothing here knows what they say.

use std::collections::VecDeque;

use super::frame::Frame;

/// What happens when a client does not read as fast as it is sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Overflow {
    /// The client is disconnected: it comes back, and state recovery or a fresh start tells it what it missed.
    #[default]
    Disconnect,
    /// The oldest waiting events are thrown away. Acknowledgements and protocol packets are kept.
    DropOldest,
}

/// Bounds of one outbox.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OutboxLimits {
    pub(crate) bytes: usize,
    pub(crate) packets: usize,
    pub(crate) overflow: Overflow,
}

/// What became of an offered frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offer {
    Taken,
    /// Over the bound: the policy is to disconnect.
    Full,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// The first that waits has its place here: one packet at a time, which is what most clients get, needs no queue.
    first: Option<Frame>,
    /// Empty while there is no first. Boxed, as every connection has the place and hardly one has the queue.
    rest: Option<Box<Rest>>,
    /// Of the packets that count.
    bytes: usize,
}

#[derive(Debug, Default)]
struct Rest {
    queue: VecDeque<Frame>,
    /// How many of them are a replay's.
    replayed: usize,
}

impl Rest {
    fn push(&mut self, frame: Frame) {
        self.replayed += usize::from(frame.is_replayed());
        self.queue.push_back(frame);
    }

    fn pop(&mut self) -> Option<Frame> {
        let frame = self.queue.pop_front()?;
        self.replayed -= usize::from(frame.is_replayed());
        Some(frame)
    }
}

impl Outbox {
    /// Appends a replay.
    pub(crate) fn replay(&mut self, frames: impl IntoIterator<Item = Frame>) {
        frames.into_iter().for_each(|frame| self.push(frame.into_replayed()));
    }

    pub(crate) fn offer(&mut self, frame: Frame, limits: &OutboxLimits) -> Offer {
        if frame.is_replayed() {
            self.replay([frame]);
            return Offer::Taken;
        }
        if !self.fits(frame.len(), limits) {
            match limits.overflow {
                Overflow::Disconnect => return Offer::Full,
                Overflow::DropOldest => {
                    self.drop_oldest(frame.len(), limits);
                    if !self.fits(frame.len(), limits) && !frame.is_droppable() {
                        return Offer::Full;
                    }
                }
            }
        }
        self.bytes += frame.len();
        self.push(frame);
        Offer::Taken
    }

    fn push(&mut self, frame: Frame) {
        match self.first {
            None => self.first = Some(frame),
            Some(_) => self.rest.get_or_insert_default().push(frame),
        }
    }

    fn fits(&self, more: usize, limits: &OutboxLimits) -> bool {
        self.packets() == 0 || (self.bytes + more <= limits.bytes && self.packets() < limits.packets)
    }

    fn drop_oldest(&mut self, more: usize, limits: &OutboxLimits) {
        while !self.fits(more, limits) {
            let may_go = |frame: &Frame| frame.is_droppable() && !frame.is_replayed();
            let frame = if self.first.as_ref().is_some_and(may_go) {
                self.pop()
            } else {
                let Some(rest) = &mut self.rest else { return };
                let Some(at) = rest.queue.iter().position(may_go) else { return };
                rest.queue.remove(at)
            };
            self.bytes -= frame.map_or(0, |frame| frame.len());
        }
    }

    pub(crate) fn take(&mut self) -> Option<Frame> {
        let frame = self.pop()?;
        if !frame.is_replayed() {
            self.bytes -= frame.len();
        }
        // What a burst grew is given back once it has passed.
        if self.rest.as_ref().is_some_and(|rest| rest.queue.is_empty() && rest.queue.capacity() > 64) {
            self.rest = None;
        }
        Some(frame)
    }

    fn pop(&mut self) -> Option<Frame> {
        let next = self.rest.as_mut().and_then(|rest| rest.pop());
        std::mem::replace(&mut self.first, next)
    }

    /// A heartbeat has passed: a queue that nothing waits in is given back. Not each time it is empty, or a client that gets several packets
    /// at a time would have a new one each time.
    pub(crate) fn rests(&mut self) {
        if self.rest.as_ref().is_some_and(|rest| rest.queue.is_empty()) {
            self.rest = None;
        }
    }

    pub(crate) fn peek(&self) -> Option<&Frame> {
        self.first.as_ref()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn packets(&self) -> usize {
        let first = usize::from(self.first.as_ref().is_some_and(|first| !first.is_replayed()));
        first + self.rest.as_ref().map_or(0, |rest| rest.queue.len() - rest.replayed)
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: OutboxLimits = OutboxLimits { bytes: 100, packets: 4, overflow: Overflow::Disconnect };
    const DROP: OutboxLimits = OutboxLimits { overflow: Overflow::DropOldest, ..LIMITS };

    fn event(n: usize) -> Frame {
        use crate::protocol::socket::Kind;
        Frame::packet(Kind::Event, "/", None, |out: &mut Vec<u8>| {
            out.extend_from_slice(format!("[\"{n}\"]").as_bytes());
            Ok::<_, ()>(vec![])
        })
        .unwrap()
    }

    #[test]
    fn an_empty_outbox_takes_one_packet_of_any_size() {
        let mut outbox = Outbox::default();
        assert_eq!(outbox.offer(Frame::message(&"x".repeat(5000)), &LIMITS), Offer::Taken);
        assert_eq!(outbox.offer(Frame::message("x"), &LIMITS), Offer::Full);
    }

    #[test]
    fn a_fifth_packet_and_a_hundred_and_first_byte_are_refused() {
        let mut outbox = Outbox::default();
        for _ in 0..4 {
            assert_eq!(outbox.offer(Frame::message("x"), &LIMITS), Offer::Taken);
        }
        assert_eq!(outbox.offer(Frame::message("x"), &LIMITS), Offer::Full);
        let mut outbox = Outbox::default();
        assert_eq!(outbox.offer(Frame::message(&"x".repeat(47)), &LIMITS), Offer::Taken);
        assert_eq!(outbox.offer(Frame::message(&"x".repeat(47)), &LIMITS), Offer::Taken);
        assert_eq!(outbox.offer(Frame::control("2"), &LIMITS), Offer::Full);
    }

    #[test]
    fn drop_oldest_throws_events_away_but_not_control_packets() {
        let mut outbox = Outbox::default();
        outbox.offer(Frame::control("2"), &DROP);
        for n in 0..10 {
            assert_eq!(outbox.offer(event(n), &DROP), Offer::Taken);
        }
        let kept: Vec<_> = std::iter::from_fn(|| outbox.take()).map(|f| f.wire()[2..].to_vec()).collect();
        assert_eq!(
            kept,
            [b"2".to_vec(), b"42[\"7\"]".to_vec(), b"42[\"8\"]".to_vec(), b"42[\"9\"]".to_vec()]
        );
        assert_eq!(outbox.bytes(), 0);
    }

    #[test]
    fn a_queue_that_nothing_waits_in_is_given_back_with_the_next_heartbeat() {
        let mut outbox = Outbox::default();
        for n in 0..3 {
            assert_eq!(outbox.offer(event(n), &LIMITS), Offer::Taken);
        }
        outbox.rests();
        assert_eq!(std::iter::from_fn(|| outbox.take()).count(), 3, "what waits is kept");
        outbox.offer(Frame::ping(), &LIMITS);
        outbox.rests();
        assert!(outbox.rest.is_none());
        assert_eq!(outbox.take().map(Frame::into_wire), Some(Frame::ping().into_wire()));
        assert!(outbox.is_empty());
    }

    #[test]
    fn a_replay_is_not_counted_not_thrown_away_and_keeps_its_place() {
        for limits in [LIMITS, DROP] {
            let mut outbox = Outbox::default();
            assert_eq!(outbox.offer(event(0), &limits), Offer::Taken);
            outbox.replay((1..10).map(event));
            assert_eq!((outbox.packets(), outbox.bytes()), (1, event(0).len()));
            for n in 10..13 {
                assert_eq!(outbox.offer(event(n), &limits), Offer::Taken);
            }
            let fifth = if limits.overflow == Overflow::Disconnect { Offer::Full } else { Offer::Taken };
            assert_eq!(outbox.offer(event(13), &limits), fifth);
            let left: Vec<_> = std::iter::from_fn(|| outbox.take()).map(Frame::into_wire).collect();
            let dropped = usize::from(fifth == Offer::Taken);
            let kept: Vec<_> = (dropped..13 + dropped).map(|n| event(n).into_wire()).collect();
            assert_eq!(left, kept, "the oldest that counts goes");
            assert_eq!((outbox.packets(), outbox.bytes()), (0, 0));
        }
    }
}
