//! Sending to many clients, and acting on them.
//!
//! Step 7 of 8 of an event's way through the framework; the crate's front page names them all.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::ack::Gather;
use super::remote::{self, FetchError, RemoteSocket};
use super::{Acks, RoomNames, Sent, SocketCell};
use crate::payload::event_frame;
use crate::worker::{Asker, Delivery, Fleet, HubInner, Joining, Seat, Space, Target, workers_of};

/// Sockets of a namespace, chosen by rooms, and flags for what is sent to them.
///
/// Calls return a new value and remember nothing elsewhere, so one may be kept and used again. Rooms are a union; each socket gets an
/// event once; an exclusion wins. A room that nobody is in is no error.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `emit`"]
pub struct Broadcast {
    fleet: Arc<Fleet>,
    space: Arc<Space>,
    target: Target,
    volatile: bool,
    timeout: Option<Duration>,
    /// The worker that it is sent by; otherwise by the one that it is called on.
    way: Option<u16>,
}

impl Broadcast {
    pub(crate) fn new(fleet: Arc<Fleet>, space: Arc<Space>) -> Self {
        Self { fleet, space, target: Target::default(), volatile: false, timeout: None, way: None }
    }

    /// Sent by this worker, so that everything that it sends has one order.
    pub(crate) fn by_way_of(mut self, worker: u16) -> Self {
        self.way = Some(worker);
        self
    }

    /// Members of these rooms, too.
    pub fn to(mut self, rooms: impl RoomNames) -> Self {
        self.target.rooms.extend(rooms.names());
        self
    }

    /// The same as [`to`](Self::to).
    pub fn within(self, rooms: impl RoomNames) -> Self {
        self.to(rooms)
    }

    /// Not members of these rooms.
    pub fn except(mut self, rooms: impl RoomNames) -> Self {
        self.target.except.extend(rooms.names());
        self
    }

    /// Only sockets of this node. Of no effect until there is more than one.
    pub fn local(self) -> Self {
        self
    }

    /// Drop the event for clients that cannot take it at once.
    pub fn volatile(mut self) -> Self {
        self.volatile = true;
        self
    }

    /// How long answers are waited for.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sends an event. See [`Socket::emit`](super::Socket::emit) for `args`.
    pub fn emit<T: Serialize>(&self, event: &str, args: T) -> Sent {
        match event_frame(&self.space, None, event, &args) {
            Ok(frame) => {
                self.deliver(frame, None);
                Sent::done()
            }
            Err(error) => Sent::failed(&self.space.name, event, error),
        }
    }

    /// `emit("message", …)`.
    pub fn send<T: Serialize>(&self, args: T) -> Sent {
        self.emit("message", args)
    }

    /// Sends an event and gathers everybody's first argument of the answer. With nobody to ask it completes at once, empty.
    pub fn emit_with_ack<A: DeserializeOwned>(&self, event: &str, args: impl Serialize) -> Acks<A> {
        let id = self.space.ack_id();
        let gather = Gather::new(id);
        let timeout = self.timeout.unwrap_or(self.fleet.settings.ack_timeout);
        match event_frame(&self.space, Some(id), event, &args) {
            Ok(frame) => {
                self.deliver(frame, Some(gather.clone()));
                Acks::new(gather, timeout, None)
            }
            Err(error) => {
                crate::trace::not_sent(&self.space.name, event, &error);
                Acks::new(gather, timeout, Some(error.into()))
            }
        }
    }

    fn deliver(&self, frame: crate::worker::Frame, gather: Option<Arc<Gather>>) {
        let hub = HubInner::here(&self.fleet);
        let delivery = Delivery {
            space: self.space.clone(),
            target: self.target.clone(),
            frame,
            volatile: self.volatile,
            asker: gather.map(|gather| gather as Arc<dyn Asker>),
        };
        match (self.way, hub) {
            (Some(way), hub) if hub.as_ref().is_none_or(|hub| hub.worker != way) => {
                let errand = move |hub: &Rc<HubInner>| hub.deliver(delivery);
                HubInner::run_from_anywhere(&self.fleet, way, Box::new(errand));
            }
            (_, Some(hub)) => hub.deliver(delivery),
            (_, None) => self.fleet.deliver(delivery),
        }
    }

    // ---- acting on sockets ---------------------------------------------------------------------------------

    /// Makes all of them join these rooms. A socket that would be in too many is left out. A broadcast to the rooms in the next
    /// line reaches them.
    pub fn sockets_join(&self, rooms: impl RoomNames) {
        let joining = Arc::new(Joining::begin(&self.fleet, self.space.id, rooms.names()));
        self.each(move |cell| cell.socket.join(joining.rooms()));
    }

    /// Makes all of them leave these rooms.
    pub fn sockets_leave(&self, rooms: impl RoomNames) {
        let rooms = rooms.names();
        self.each(move |cell| cell.socket.leave(rooms.as_slice()));
    }

    /// Disconnects all of them. See [`Socket::disconnect`](super::Socket::disconnect).
    pub fn disconnect_sockets(&self, close: bool) {
        self.each(move |cell| cell.disconnect(close));
    }

    fn each(&self, act: impl Fn(&SocketCell) + Clone + Send + 'static) {
        self.on_each_worker(move |seats| {
            seats.iter().filter_map(|seat| SocketCell::of(seat)).for_each(|cell| act(&cell));
        });
    }

    /// Runs `act` with the selected seats of every worker that has some: here at once, elsewhere in order.
    fn on_each_worker(&self, act: impl Fn(Vec<Rc<Seat>>) + Clone + Send + 'static) -> usize {
        let here = HubInner::here(&self.fleet);
        let hall = here.as_ref().and_then(|hub| hub.hall_if_any(self.space.id));
        let workers = workers_of(&self.fleet, hall.as_deref(), &self.space, &self.target);
        for &worker in &workers {
            let (space, target, act) = (self.space.id, self.target.clone(), act.clone());
            let errand = move |hub: &Rc<HubInner>| act(hub.selected(space, &target));
            HubInner::run_from_anywhere(&self.fleet, worker, Box::new(errand));
        }
        workers.len()
    }

    /// The matching sockets, as they are now.
    ///
    /// # Errors
    /// When a worker does not answer within 5 s (or [`timeout`](Self::timeout)); the error holds what the others said.
    pub async fn fetch_sockets(&self) -> Result<Vec<RemoteSocket>, FetchError> {
        let timeout = self.timeout.unwrap_or(Duration::from_secs(5));
        let (tx, rx) = tokio::sync::mpsc::channel(self.fleet.workers());
        let expected = self.on_each_worker(move |seats| {
            let found: Vec<_> =
                seats.iter().filter_map(|seat| SocketCell::of(seat)).map(|c| remote::of(&c.socket)).collect();
            // One answer per worker fits, so this never waits.
            let _ = tx.try_send(found);
        });
        remote::gather(rx, expected, timeout).await
    }
}
