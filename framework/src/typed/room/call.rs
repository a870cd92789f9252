//! One event of a member on its way through a room's method, and its one answer.

use std::cell::Cell;
use std::fmt;

use serde::Serialize;

use super::{Member, Room, RoomCx};
use crate::payload::Args;
use crate::protocol::socket::Event;
use crate::room::{Letter, Ticket};
use crate::socket::AckFn;
use crate::typed::arguments::Arguments;
use crate::typed::call::Answering;
use crate::typed::{Ack, Fault, Outcome};

/// One event, with the right to answer it. Dropped by a panic, it answers `internal`.
pub struct RoomCall<R: Room> {
    cx: RoomCx<R>,
    who: Member<R>,
    event: Event,
    ticket: Cell<Option<Ticket>>,
    /// Its sender waits for this.
    _handled: tokio::sync::oneshot::Sender<()>,
}

impl<R: Room> fmt::Debug for RoomCall<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomCall").field("event", &self.event).finish_non_exhaustive()
    }
}

impl<R: Room> RoomCall<R> {
    pub(super) fn new(cx: RoomCx<R>, who: Member<R>, letter: Letter) -> Self {
        let Letter { event, ticket, handled, .. } = letter;
        Self { cx, who, event, ticket: Cell::new(Some(ticket)), _handled: handled }
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
        Arguments::new(Args::new(self.event.args(), self.event.attachments()))
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
    }
}

impl<R: Room> Answering for RoomCall<R> {
    fn answer_value(&self, value: &impl Serialize) -> Outcome {
        self.reply(|ack| ack.answer(&(value,)));
        Outcome::Done
    }
}
