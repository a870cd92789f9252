//! What a line tells its connection actor.
//!
//! Both live on one thread, so there is no channel between them: signals wait in the line, and the actor is woken. actix's mailbox would cost an
//! idle connection a sender, its lock and its flag, and each signal two allocations and a lock.

use std::cell::Cell;
use std::task::{Context, Poll, Waker};

use smallvec::SmallVec;

use super::Line;
use crate::worker::Signal;

/// Mostly one at a time.
pub(crate) type Signals = SmallVec<[Signal; 1]>;

/// Whom to wake. Nobody: the actor has not begun, or it has finished.
#[derive(Default)]
pub(super) struct Owner(Cell<Option<Waker>>);

impl Line {
    /// An actor begins: it is told what happens from here on.
    pub(crate) fn own(&self) {
        self.owner.0.set(Some(Waker::noop().clone()));
    }

    /// Tells the actor. Nothing while there is none.
    pub(crate) fn signal(&self, signal: Signal) {
        let Some(waker) = self.owner.0.take() else { return };
        self.rare.put(|rare| rare.signals.push(signal));
        waker.wake_by_ref();
        self.owner.0.set(Some(waker));
    }

    /// What the actor has not been told, in order; pending while there is nothing.
    pub(crate) fn poll_signals(&self, cx: &Context<'_>) -> Poll<Signals> {
        let signals = self.rare.take(|rare| std::mem::take(&mut rare.signals));
        if !signals.is_empty() {
            return Poll::Ready(signals);
        }
        let known = self.owner.0.take().filter(|known| known.will_wake(cx.waker()));
        self.owner.0.set(Some(known.unwrap_or_else(|| cx.waker().clone())));
        Poll::Pending
    }

    /// The actor has finished: what it was not told is of no use to anybody.
    pub(super) fn disown(&self) {
        self.owner.0.take();
        drop(self.rare.take(|rare| std::mem::take(&mut rare.signals)));
    }
}
