//! A socket at home: what only its worker's thread may touch.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Instant;

use super::ack::Waiter;
use super::{AckError, Dispatch, Socket};
use crate::payload::Value;
use crate::protocol::socket::{Ack, Kind};
use crate::recovery::Tenancy;
use crate::worker::{Frame, HubInner, Occupant, Seat, Signal};

type Waiters = HashMap<u64, Waiter, ahash::RandomState>;

/// See the module.
pub(crate) struct SocketCell {
    pub(crate) hub: Rc<HubInner>,
    pub(crate) seat: Rc<Seat>,
    pub(crate) socket: Socket,
    pub(crate) dispatch: Rc<dyn Dispatch>,
    /// Answers that are awaited. Made with the first: few sockets are asked anything.
    acks: RefCell<Option<Box<Waiters>>>,
    /// If the session may be recovered.
    pub(crate) tenancy: Option<Rc<Tenancy>>,
    left: Cell<bool>,
    dismissed: Cell<bool>,
}

impl std::fmt::Debug for SocketCell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SocketCell").field("socket", &self.socket).finish_non_exhaustive()
    }
}

impl Occupant for SocketCell {
    fn as_any(self: Rc<Self>) -> Rc<dyn std::any::Any> {
        self
    }

    fn transmit(&self, frame: Frame, volatile: bool, life: u32) {
        let is_late = !frame.is_droppable() && life != self.socket.0.life;
        if self.left.get() || is_late {
            return;
        }
        let frame = self.seat.record(&self.hub, frame, volatile);
        if self.seat.away.get() {
            return;
        }
        let watched = (self.seat.watches_outgoing.get() && frame.is_droppable()).then(|| frame.clone());
        self.seat.line().offer(&self.hub, frame, volatile);
        if let Some(frame) = watched {
            self.tell_outgoing(&frame);
        }
    }
}

impl SocketCell {
    pub(crate) fn new(
        hub: &Rc<HubInner>,
        seat: &Rc<Seat>,
        socket: Socket,
        dispatch: Rc<dyn Dispatch>,
        tenancy: Option<Rc<Tenancy>>,
    ) -> Rc<Self> {
        let cell = Rc::new(Self {
            hub: hub.clone(),
            seat: seat.clone(),
            socket,
            dispatch,
            acks: RefCell::default(),
            tenancy,
            left: Cell::new(false),
            dismissed: Cell::new(false),
        });
        seat.seat(cell.clone());
        cell
    }

    pub(crate) fn of(seat: &Seat) -> Option<Rc<Self>> {
        seat.occupant()?.as_any().downcast().ok()
    }

    /// Tells `on_any_outgoing` what is being sent. The packet is read again: this is for debugging, not for the data path.
    pub(crate) fn tell_outgoing(&self, frame: &Frame) {
        let (text, attachments) = frame.parts();
        // A namespace may have a bracket in its name.
        let name = if self.socket.namespace() == "/" { 0 } else { text.find(',').unwrap_or(0) };
        let Some(start) = text.get(name..).and_then(|rest| rest.find('[')).map(|at| name + at) else {
            return;
        };
        let Some(args) = text.get(start + 1..text.len() - 1) else { return };
        let mut args = crate::payload::Args::new(args, &attachments);
        let Ok(event) = args.next::<String>() else { return };
        let Ok(rest) = args.rest::<Value>() else { return };
        self.dispatch.outgoing(&self.socket, &event, &rest.0);
    }

    // ---- acknowledgements ----------------------------------------------------------------------------------

    /// Keeps `waiter` until the answer with this id comes. False when it was failed instead.
    pub(crate) fn expect_answer(&self, id: u64, waiter: Waiter) -> bool {
        match self.keep(id, waiter) {
            Ok(()) => true,
            Err((waiter, error)) => {
                waiter.failed(self.socket.id(), error);
                false
            }
        }
    }

    fn keep(&self, id: u64, waiter: Waiter) -> Result<(), (Waiter, AckError)> {
        let limit = self.hub.settings.max_acks;
        let mut acks = self.acks.borrow_mut();
        let acks = &mut **acks.get_or_insert_default();
        // Answers that nobody waits for any more are swept as the map doubles, so they never outnumber the others for long.
        if acks.len() >= limit || (acks.len() >= 16 && acks.len() == acks.capacity()) {
            acks.retain(|_, waiter| !waiter.is_abandoned());
        }
        let error = if self.left.get() || self.seat.away.get() {
            AckError::Disconnected
        } else if acks.len() >= limit {
            AckError::TooMany { limit }
        } else {
            acks.insert(id, waiter);
            return Ok(());
        };
        Err((waiter, error))
    }

    /// An answer came. Unknown and repeated ones are ignored.
    pub(crate) fn answered(&self, ack: Ack) {
        let waiter = {
            let mut acks = self.acks.borrow_mut();
            let waiter = acks.as_mut().and_then(|acks| acks.remove(&ack.id()));
            // What many questions at once grew is given back once they are answered.
            if acks.as_ref().is_some_and(|acks| acks.is_empty() && acks.capacity() > 64) {
                *acks = None;
            }
            waiter
        };
        if let Some(waiter) = waiter {
            waiter.answered(self.socket.id(), ack);
        }
    }

    /// Nobody will answer any more.
    pub(crate) fn fail_answers(&self) {
        for (_, waiter) in self.acks.take().into_iter().flat_map(|acks| *acks) {
            waiter.failed(self.socket.id(), AckError::Disconnected);
        }
    }

    // ---- leaving -------------------------------------------------------------------------------------------

    /// Nothing is sent from here on. True the first time.
    pub(crate) fn mark_left(&self) -> bool {
        self.seat.mute();
        !self.left.replace(true)
    }

    /// Its transport is lost, and it may come back; false if it may not.
    pub(crate) fn go_away(&self) -> bool {
        let Some(tenancy) = self.tenancy.as_ref().filter(|_| !self.left.get()) else { return false };
        let Some(recovery) = &self.hub.settings.recovery else { return false };
        tenancy.lost(Instant::now());
        tenancy.is_closing() && self.seat.go_away(recovery)
    }

    /// Whether it waits for its client once its handlers are done.
    pub(crate) fn stays(&self) -> bool {
        self.tenancy.as_ref().is_some_and(|tenancy| tenancy.is_closing())
    }

    /// When its transport was lost.
    pub(crate) fn lost_at(&self) -> Instant {
        self.tenancy.as_ref().and_then(|tenancy| tenancy.lost_at()).unwrap_or_else(Instant::now)
    }

    /// It will not come back.
    pub(crate) fn end(&self) {
        if let Some(tenancy) = &self.tenancy {
            tenancy.end();
        }
    }

    /// The server made it leave: nothing of the client is handled any more.
    pub(crate) fn is_dismissed(&self) -> bool {
        self.dismissed.get()
    }

    /// A DISCONNECT packet.
    pub(crate) fn goodbye(namespace: &str) -> Frame {
        let nothing = |_: &mut Vec<u8>| Ok::<_, std::convert::Infallible>(Vec::new());
        let Ok(frame) = Frame::packet(Kind::Disconnect, namespace, None, nothing);
        frame
    }

    /// The server's `disconnect`. The hooks run when the running handler has finished.
    pub(crate) fn disconnect(&self, close: bool) {
        if close {
            let line = self.seat.line().clone();
            for cell in line.attached::<Self>() {
                cell.say_goodbye();
            }
            line.signal(Signal::Dismiss);
        }
        self.say_goodbye();
    }

    /// Tells the client that it leaves this namespace. The first call counts.
    pub(crate) fn say_goodbye(&self) {
        if self.left.get() {
            return;
        }
        self.dismissed.set(true);
        let frame = Self::goodbye(self.socket.namespace());
        self.end();
        if self.seat.away.get() {
            // Whoever keeps it is told.
            self.mark_left();
            self.seat.set_away(false);
            return;
        }
        self.seat.line().offer(&self.hub, frame, false);
        if self.mark_left() {
            self.seat.line().signal(Signal::Left(self.seat.id));
        }
    }
}
