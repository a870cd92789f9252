//! One event on its way through a method, and its one answer.

use std::cell::Cell;
use std::fmt;

use serde::Serialize;

use super::answer::{Answer, Good};
use super::arguments::Arguments;
use super::context::Cx;
use super::fault::Fault;
use super::layer::Watch;
use super::{Ack, Handler};
use crate::payload::Args;
use crate::protocol::socket::Event;
use crate::socket::AckFn;

/// How a method ended.
#[derive(Debug)]
#[must_use]
pub enum Outcome {
    /// The client, if it asked, was answered.
    Done,
    /// The client, if it asked, was told so.
    Failed(Fault),
    /// The method took the right to answer with it.
    Later,
}

impl Outcome {
    /// A failure, if it is one.
    #[must_use]
    pub fn failure(self) -> Option<Self> {
        matches!(self, Self::Failed(_)).then_some(self)
    }
}

/// One event, with the right to answer it. Dropped by a panic, it answers `internal`.
pub struct Call<H: Handler> {
    cx: Cx<H>,
    event: Event,
    ack: Cell<Option<AckFn>>,
    watch: Option<Watch<H>>,
}

impl<H: Handler> fmt::Debug for Call<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("event", &self.event).finish_non_exhaustive()
    }
}

impl<H: Handler> Call<H> {
    pub(super) fn new(cx: Cx<H>, event: Event, ack: AckFn, watch: Option<Watch<H>>) -> Self {
        Self { cx, event, ack: Cell::new(Some(ack)), watch }
    }

    pub(super) fn into_cx(self) -> Cx<H> {
        self.cx
    }

    /// What the layers say to it.
    pub(super) fn open(&self) -> Result<(), Fault> {
        match &self.watch {
            Some(watch) => watch.before(&self.event, &self.cx),
            None => Ok(()),
        }
    }

    /// The socket's handle.
    #[must_use]
    pub fn cx(&self) -> &Cx<H> {
        &self.cx
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
        if let Some(mut ack) = self.ack.take() {
            send(&mut ack);
        }
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
        Ack::new(self.ack.take())
    }

    /// The guards let it pass; nothing is answered yet.
    pub fn passed(&self) -> Outcome {
        Outcome::Later
    }

    /// Nothing is answered here.
    pub fn later(&self, (): ()) -> Outcome {
        Outcome::Later
    }

    /// The method has ended.
    pub fn close(&self, outcome: &Outcome) {
        if let Outcome::Failed(fault) = outcome {
            let socket = self.cx.socket();
            crate::trace::event_failed(
                socket.namespace(),
                self.name(),
                socket.id(),
                fault,
                fault.is_hidden(),
            );
        }
        if let Some(watch) = &self.watch {
            watch.after(&self.event, &self.cx, outcome);
        }
    }
}

/// A call that a value answers.
pub trait Answering {
    /// Answers `[value]`: also a tuple is one value, as the official client's promise gives only one.
    fn answer_value(&self, value: &impl Serialize) -> Outcome;
}

impl<H: Handler> Answering for Call<H> {
    fn answer_value(&self, value: &impl Serialize) -> Outcome {
        self.reply(|ack| ack.answer(&(value,)));
        Outcome::Done
    }
}

/// Answers `[value]`. A function that names the type, so that the compiler points at it.
pub fn answer<T: Answer, C: Answering>(call: &C, value: &T) -> Outcome {
    call.answer_value(&value.wire())
}

/// Answers `[{"ok":true,"data":value}]`.
pub fn good<T: Answer, C: Answering>(call: &C, value: &T) -> Outcome {
    call.answer_value(&Good::new(value.wire()))
}
