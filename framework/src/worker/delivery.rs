//! Who gets a packet, and getting it there.
//!
//! Step 8 of 8 of an event's way through the framework; the crate's front page names them all.
//!
//! A broadcast is encoded by its sender, pushed to the local members at once and sent as one message to each other
//! worker that has members. A union of rooms is computed by one owner per worker, so a socket in two targeted rooms
//! hears an event once; an exclusion wins.

use std::rc::Rc;
use std::sync::Arc;

use smallvec::SmallVec;

use super::directory::Directory;
use super::frame::Frame;
use super::hall::{Hall, Space};
use super::log::To;
use super::seat::Seat;
use super::{Fleet, HubInner, Op, RoomName};
use crate::id::{Id, SocketId};

/// Names of rooms; most operators name one.
pub(crate) type Rooms = SmallVec<[RoomName; 1]>;

/// Which sockets of a namespace: all, or the union of `rooms`; without those in `except`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Target {
    pub(crate) rooms: Rooms,
    pub(crate) except: Rooms,
}

impl Target {
    /// Whether a socket is meant that is in the rooms that `is_in` says.
    pub(super) fn holds(&self, is_in: impl Fn(&RoomName) -> bool) -> bool {
        (self.rooms.is_empty() || self.rooms.iter().any(&is_in)) && !self.except.iter().any(is_in)
    }
}

/// Asked once per receiver, for broadcasts that want acknowledgements.
pub(crate) trait Asker: Send + Sync {
    /// So many workers will ask; called before any of them does.
    fn expect(&self, workers: usize);
    /// `seat` was sent the packet.
    fn asks(self: Arc<Self>, hub: &Rc<HubInner>, seat: &Rc<Seat>);
    /// One worker has asked all of its members.
    fn finished(&self);
}

/// So many members share the frame of a sender on another worker. For more a copy is made, whose count of owners stays on the core that uses it; for
/// few that costs more than it spares.
const SHARES: u32 = 4;

/// One packet for many.
#[derive(Clone)]
pub(crate) struct Delivery {
    pub(crate) space: Arc<Space>,
    pub(crate) target: Target,
    pub(crate) frame: Frame,
    pub(crate) volatile: bool,
    pub(crate) asker: Option<Arc<dyn Asker>>,
}

impl std::fmt::Debug for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Delivery")
            .field("space", &self.space)
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}

/// Workers that have somebody in the target.
pub(crate) type Workers = SmallVec<[u16; 8]>;

/// `hall`: the namespace's hall on the asking thread, which spares a look into the shared directory.
pub(crate) fn workers_of(fleet: &Fleet, hall: Option<&Hall>, space: &Space, target: &Target) -> Workers {
    let mut workers = Workers::new();
    let mut add = |worker: u16| {
        if !workers.contains(&worker) {
            workers.push(worker);
        }
    };
    if target.rooms.is_empty() {
        space.spread.workers().for_each(add);
        return workers;
    }
    for room in &target.rooms {
        // Before the directory is read: a socket that is let in between the two looks would be in neither.
        let awaited = fleet.directory.is_awaited(space.id, room);
        let spread = hall.and_then(|hall| hall.spread_of(room));
        let spread = spread.or_else(|| Directory::find(&fleet.directory, space.id, room));
        if let Some(spread) = spread {
            spread.workers().for_each(&mut add);
        }
        // Any name of an id's length and letters reads as an id, of a worker that there may not be.
        if let Some(place) = Id::parse(room).and_then(|id| fleet.ids.place(&id))
            && fleet.is_live(place.worker)
        {
            add(place.worker);
        }
        if awaited {
            fleet.live().for_each(&mut add);
        }
    }
    workers
}

impl Fleet {
    /// Sends a delivery from a thread that is no worker of ours.
    pub(crate) fn deliver(&self, delivery: Delivery) {
        let workers = workers_of(self, None, &delivery.space, &delivery.target);
        if let Some(asker) = &delivery.asker {
            asker.expect(workers.len());
        }
        self.spread_out(&workers, delivery, None);
    }

    fn spread_out(&self, workers: &[u16], delivery: Delivery, from: Option<&HubInner>) {
        let Some((&last, others)) = workers.split_last() else { return };
        let post = |worker, delivery: Delivery| {
            let asker = delivery.asker.clone();
            let op = Op::Deliver(delivery);
            let taken = match from {
                Some(hub) => hub.post(worker, op),
                None => self.post(worker, op),
            };
            if let (false, Some(asker)) = (taken, asker) {
                asker.finished();
            }
        };
        // A copy of its own for each: what one thread allocates and another frees costs more than copying it.
        others.iter().for_each(|&worker| post(worker, delivery.clone()));
        post(last, delivery);
    }
}

impl HubInner {
    /// Delivers to local members now and to the others by one message per worker.
    pub(crate) fn deliver(self: &Rc<Self>, mut delivery: Delivery) {
        let hall = self.hall_if_any(delivery.space.id);
        let mut workers = workers_of(&self.fleet, hall.as_deref(), &delivery.space, &delivery.target);
        if let Some(asker) = &delivery.asker {
            asker.expect(workers.len());
        }
        let here = workers.iter().position(|w| *w == self.worker);
        if let Some(here) = here {
            workers.swap_remove(here);
        }
        if here.is_some() {
            // Nobody else's: an offset can be written in without a copy.
            let only = workers.is_empty();
            let frame = if only { std::mem::take(&mut delivery.frame) } else { delivery.frame.clone() };
            self.apply(&delivery, frame, false);
        }
        if !workers.is_empty() {
            self.fleet.spread_out(&workers, delivery, Some(self));
        }
    }

    /// A delivery that another thread sent.
    pub(super) fn receive(self: &Rc<Self>, mut delivery: Delivery) {
        let frame = std::mem::take(&mut delivery.frame);
        self.apply(&delivery, frame, true);
    }

    /// `far`: the frame is another thread's, too.
    fn apply(self: &Rc<Self>, delivery: &Delivery, mut frame: Frame, far: bool) {
        let mut watchers = Vec::new();
        let mut asked = Vec::new();
        if let Some(hall) = self.hall_if_any(delivery.space.id) {
            let (stamped, seq) = hall.record(self, To::Many(&delivery.target), frame, delivery.volatile);
            frame = stamped;
            let mut shares = (far && !frame.is_numbered()).then_some(SHARES);
            self.select(&hall, &delivery.target, |seat| {
                match &mut shares {
                    Some(0) => {
                        frame = frame.localize();
                        shares = None;
                    }
                    Some(left) => *left -= 1,
                    None => {}
                }
                if frame.is_numbered() {
                    seat.is_sent(seq);
                }
                let taken = seat.line().offer(self, frame.clone(), delivery.volatile);
                if seat.watches_outgoing.get() {
                    watchers.push(seat.clone());
                }
                if taken && delivery.asker.is_some() {
                    asked.push(seat.clone());
                }
            });
        }
        if let Some(asker) = &delivery.asker {
            asked.iter().for_each(|seat| asker.clone().asks(self, seat));
            asker.finished();
        }
        // User code, so outside of all borrows.
        for seat in watchers {
            self.tell_outgoing(&seat, &frame);
        }
    }

    /// The local seats of a target that are connected, each once.
    fn select(&self, hall: &Hall, target: &Target, visit: impl FnMut(&Rc<Seat>)) {
        self.select_if(hall, target, |seat| seat.connected.get(), visit);
    }

    fn select_if(
        &self,
        hall: &Hall,
        target: &Target,
        counts: impl Fn(&Seat) -> bool,
        mut visit: impl FnMut(&Rc<Seat>),
    ) {
        let pass = self.passes.get() + 1;
        self.passes.set(pass);
        for room in &target.except {
            self.each_named(hall, room, |seat| {
                seat.mark(pass);
            });
        }
        let plain = target.except.is_empty();
        let mut once = |seat: &Rc<Seat>| {
            if counts(seat) && seat.mark(pass) {
                visit(seat);
            }
        };
        match target.rooms.as_slice() {
            [] if plain => hall.members.borrow().values().filter(|seat| counts(seat)).for_each(visit),
            [] => hall.members.borrow().values().for_each(once),
            rooms => rooms.iter().for_each(|room| self.each_named(hall, room, &mut once)),
        }
    }

    /// Those that are away, too. Collected, for callers that change memberships.
    pub(crate) fn selected(&self, space: u32, target: &Target) -> Vec<Rc<Seat>> {
        let mut seats = Vec::new();
        if let Some(hall) = self.hall_if_any(space) {
            let there = |seat: &Seat| seat.connected.get() || seat.away.get();
            self.select_if(&hall, target, there, |seat| seats.push(seat.clone()));
        }
        seats
    }

    /// The members of a room; the room of a socket's own id is a lookup.
    fn each_named(&self, hall: &Hall, room: &RoomName, mut visit: impl FnMut(&Rc<Seat>)) {
        if let Some(id) = Id::parse(room)
            && let Some(place) = self.fleet.ids.place(&id)
            && place.worker == self.worker
            && let Some(seat) = self.seat(place.slot, SocketId(id))
            && seat.answers_to_own_room()
            && seat.hall.space.id == hall.space.id
        {
            visit(&seat);
        }
        hall.each_in(room, visit);
    }

    pub(crate) fn hall_if_any(&self, space: u32) -> Option<Rc<Hall>> {
        self.halls.borrow().get(&space).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::rooms_cost::{Bench, bench};

    /// How many of six members got the sender's own bytes.
    fn sharing(send: impl FnOnce(&Rc<HubInner>, Delivery)) -> usize {
        let Bench { hub, seats } = bench(6);
        let frame = Frame::message("for all of them");
        let space = seats[0].hall.space.clone();
        let (target, volatile, asker) = (Target::default(), false, None);
        send(&hub, Delivery { space, target, frame: frame.clone(), volatile, asker });
        let got: Vec<_> = seats.iter().map(|seat| seat.line().take_for_wire().expect("a frame")).collect();
        assert!(got.iter().all(|wire| wire == frame.wire()));
        got.iter().filter(|wire| wire.as_ptr() == frame.wire().as_ptr()).count()
    }

    #[actix_rt::test]
    async fn more_than_a_few_members_do_not_count_owners_across_threads() {
        assert_eq!(sharing(|hub, delivery| hub.receive(delivery)), SHARES as usize);
        assert_eq!(sharing(|hub, delivery| hub.deliver(delivery)), 6);
    }
}
