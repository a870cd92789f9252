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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;
    use std::time::{Duration, Instant};

    use tokio::sync::oneshot;

    use super::*;
    use crate::engine::session::{Session, Timing, TransportKind};
    use crate::id::{Id, SessionId};

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn line() -> std::rc::Rc<Line> {
        let sid = SessionId(Id::parse("AAAAAAAAAAAAAAAAAAAA").unwrap());
        let second = Duration::from_secs(1);
        let timing = Timing { ping_interval: second, ping_timeout: second, upgrade_timeout: second };
        Line::new(0, sid, Session::open(TransportKind::Polling, timing, Instant::now()), None)
    }

    /// A signal, and what tells that it was dropped.
    fn signal() -> (Signal, oneshot::Receiver<()>) {
        let (tx, rx) = oneshot::channel();
        (Signal::WhenIdle(tx), rx)
    }

    fn is_dropped(rx: &mut oneshot::Receiver<()>) -> bool {
        rx.try_recv() == Err(oneshot::error::TryRecvError::Closed)
    }

    #[test]
    fn the_actor_is_told_in_order_and_woken_for_what_comes_later() {
        let (line, woken) = (line(), Arc::<Woken>::default());
        let waker = Waker::from(woken.clone());
        let cx = Context::from_waker(&waker);
        line.own();
        line.signal(Signal::Dismiss);
        line.signal(Signal::LookAgain);
        let Poll::Ready(signals) = line.poll_signals(&cx) else { panic!("told before it was polled") };
        assert!(matches!(signals[..], [Signal::Dismiss, Signal::LookAgain]));
        assert!(line.poll_signals(&cx).is_pending());
        assert_eq!(woken.0.load(Ordering::SeqCst), 0);
        line.signal(Signal::LookAgain);
        assert_eq!(woken.0.load(Ordering::SeqCst), 1);
        assert!(matches!(line.poll_signals(&cx), Poll::Ready(signals) if signals.len() == 1));
    }

    #[test]
    fn nothing_is_kept_for_an_actor_that_is_not_there() {
        let line = line();
        let (early, mut rx) = signal();
        line.signal(early);
        assert!(is_dropped(&mut rx));
        line.own();
        let (untold, mut rx) = signal();
        line.signal(untold);
        assert!(!is_dropped(&mut rx));
        line.release();
        assert!(is_dropped(&mut rx), "what waited");
        let (late, mut rx) = signal();
        line.signal(late);
        assert!(is_dropped(&mut rx), "what came later");
    }
}
