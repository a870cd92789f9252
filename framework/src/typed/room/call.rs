//! One event of a member on its way through a room's method, and its one answer.

use std::cell::Cell;
use std::fmt;

use serde::Serialize;
use tokio::sync::oneshot;

use super::address::{Address, without_key};
use super::{Member, Room, RoomCx};
use crate::protocol::socket::Event;
use crate::room::{Letter, Ticket};
use crate::socket::AckFn;
use crate::typed::arguments::Arguments;
use crate::typed::call::Answering;
use crate::typed::{Ack, Fault, Outcome};

/// Says how an event ended to whoever waits for that. Dropped unsigned, as when the room has ended meanwhile, it says so; a panic says nothing.
pub(super) struct Receipt(Option<oneshot::Sender<Outcome>>);

impl Receipt {
    pub(super) fn new() -> (Self, oneshot::Receiver<Outcome>) {
        let (tx, rx) = oneshot::channel();
        (Self(Some(tx)), rx)
    }

    fn sign(mut self, outcome: &Outcome) {
        let outcome = match outcome {
            Outcome::Done => Outcome::Done,
            Outcome::Later => Outcome::Later,
            Outcome::Failed(fault) => Outcome::Failed(fault.clone()),
        };
        if let Some(tx) = self.0.take() {
            let _ = tx.send(outcome);
        }
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        if let Some(tx) = self.0.take().filter(|_| !std::thread::panicking()) {
            let _ = tx.send(Outcome::Failed(Fault::new("room_closed", "the room has closed")));
        }
    }
}

/// One event, with the right to answer it. Dropped by a panic, it answers `internal`.
pub struct RoomCall<R: Room> {
    cx: RoomCx<R>,
    who: Member<R>,
    event: Event,
    ticket: Cell<Option<Ticket>>,
    receipt: Cell<Option<Receipt>>,
    /// Its sender waits for this.
    _handled: oneshot::Sender<()>,
}

impl<R: Room> fmt::Debug for RoomCall<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomCall").field("event", &self.event).finish_non_exhaustive()
    }
}

impl<R: Room> RoomCall<R> {
    pub(super) fn new(cx: RoomCx<R>, who: Member<R>, letter: Letter) -> Self {
        let Letter { event, ticket, handled, receipt, .. } = letter;
        let receipt = receipt.and_then(|receipt| receipt.downcast().ok()).map(|receipt| *receipt);
        let (ticket, receipt) = (Cell::new(Some(ticket)), Cell::new(receipt));
        Self { cx, who, event, ticket, receipt, _handled: handled }
    }

    /// The room's handle.
    #[must_use]
    pub fn cx(&self) -> &RoomCx<R> {
        &self.cx
    }

    /// Who sent it.
    #[must_use]
    pub fn member(&self) -> &Member<R> {
        &self.who
    }

    /// The event's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.event.name()
    }

    /// What the client sent.
    #[must_use]
    pub fn args(&self) -> Arguments<'_> {
        without_key(&self.event, <R::Address as Address<R::Key>>::HAS_KEY)
    }

    fn reply(&self, send: impl FnOnce(&mut AckFn)) {
        if let Some(mut ack) = self.take() {
            send(&mut ack);
        }
    }

    fn take(&self) -> Option<AckFn> {
        self.ticket.take()?.take()
    }

    /// Answers `[]`.
    pub fn done(&self, (): ()) -> Outcome {
        self.reply(|ack| ack.answer(&()));
        Outcome::Done
    }

    /// Answers `[{"ok":false,"error":…}]`.
    pub fn fail(&self, fault: Fault) -> Outcome {
        self.reply(|ack| ack.fail_with(&fault));
        Outcome::Failed(fault)
    }

    /// Gives the right to answer away.
    pub fn take_ack<T>(&self) -> Ack<T> {
        Ack::new(self.take())
    }

    /// Nothing is answered here.
    pub fn later(&self, (): ()) -> Outcome {
        Outcome::Later
    }

    /// The method has ended.
    pub fn close(&self, outcome: &Outcome) {
        if let Outcome::Failed(fault) = outcome {
            let socket = self.who.socket();
            crate::trace::event_failed(
                socket.namespace(),
                self.name(),
                socket.id(),
                fault,
                fault.is_hidden(),
            );
        }
        if let Some(receipt) = self.receipt.take() {
            receipt.sign(outcome);
        }
    }
}

impl<R: Room> Answering for RoomCall<R> {
    fn answer_value(&self, value: &impl Serialize) -> Outcome {
        self.reply(|ack| ack.answer(&(value,)));
        Outcome::Done
    }
}
