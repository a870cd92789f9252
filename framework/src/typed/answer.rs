//! Acknowledgements of typed events.

use std::fmt;
use std::marker::PhantomData;

use serde::Serialize;

use super::fault::{Fault, IntoFault};
use crate::socket::AckFn;

/// What a method may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the answer of an event handler",
    label = "not serializable",
    note = "add `#[derive(serde::Serialize)]` to it, or return nothing"
)]
pub trait Answer {
    /// What is sent.
    fn wire(&self) -> impl Serialize;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> Answer for T {
    fn wire(&self) -> impl Serialize {
        self
    }
}

/// `{"ok":true,"data":…}`, so that a client can tell an answer from a failure.
#[derive(Serialize)]
pub(super) struct Good<T> {
    ok: bool,
    data: T,
}

impl<T> Good<T> {
    pub(super) fn new(data: T) -> Self {
        Self { ok: true, data }
    }
}

/// The client's callback, for answers that come later or from elsewhere. The last argument of a method that returns nothing.
///
/// Dropped without an answer, it tells the client `no_answer`.
#[must_use = "dropped without an answer, it tells the client `no_answer`"]
pub struct Ack<T> {
    ack: Option<AckFn>,
    kind: PhantomData<fn(T)>,
}

impl<T> fmt::Debug for Ack<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ack").field("wanted", &self.wanted()).finish()
    }
}

impl<T> Ack<T> {
    pub(super) fn new(ack: Option<AckFn>) -> Self {
        Self { ack, kind: PhantomData }
    }

    /// Whether the client asked for an answer. If not, `send` and `fail` do nothing.
    #[must_use]
    pub fn wanted(&self) -> bool {
        self.ack.as_ref().is_some_and(AckFn::is_wanted)
    }

    /// Answers with a fault.
    pub fn fail(mut self, error: impl IntoFault) {
        if let Some(mut ack) = self.ack.take() {
            ack.fail_with(&error.into_fault());
        }
    }
}

impl<T: Serialize> Ack<T> {
    /// Answers.
    pub fn send(mut self, value: T) {
        if let Some(mut ack) = self.ack.take() {
            ack.answer(&(value,));
        }
    }
}

impl<T> Drop for Ack<T> {
    fn drop(&mut self) {
        // While a panic unwinds, the inner one answers `internal`.
        if let Some(mut ack) = self.ack.take().filter(|_| !std::thread::panicking()) {
            ack.fail_with(&Fault::new("no_answer", "the server gave no answer"));
        }
    }
}
