//! The task that polls one actor.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};
use std::time::Instant;

use actix::dev::ContextFut;
use actix::{Actor, Addr, AsyncContext, Context, Supervised};
use tokio::time::Sleep;

use super::budget::{Budget, Record};
use super::guarded;

/// How a supervised actor ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It stopped by itself, or nobody has its address any more.
    Stopped,
    /// It panicked more often than its budget allows.
    GaveUp,
}

type Told = Box<dyn FnOnce(End)>;

/// Starts an actor on this thread. `name` is for the log; `told` hears how it ended, unless the worker ends first.
pub(crate) fn start<A>(
    name: &'static str,
    actor: A,
    budget: Budget,
    told: impl FnOnce(End) + 'static,
) -> Addr<A>
where
    A: Actor<Context = Context<A>> + Supervised,
{
    let context = Context::new();
    let addr = context.address();
    actix_rt::spawn(Supervisor {
        name,
        actor: Some(context.into_future(actor)),
        record: Record::new(budget),
        rest: None,
        told: Some(Box::new(told)),
    });
    addr
}

struct Supervisor<A: Actor<Context = Context<A>> + Supervised> {
    name: &'static str,
    actor: Option<ContextFut<A, Context<A>>>,
    record: Record,
    /// Until the restart. The actor is not polled meanwhile, and its mailbox fills.
    rest: Option<Pin<Box<Sleep>>>,
    told: Option<Told>,
}

impl<A: Actor<Context = Context<A>> + Supervised> Supervisor<A> {
    fn end(&mut self, end: End) -> Poll<()> {
        self.bury();
        if let Some(told) = self.told.take() {
            told(end);
        }
        Poll::Ready(())
    }

    /// Drops the actor. Its hooks and its `Drop` run, and may panic as everything else of it.
    fn bury(&mut self) {
        let actor = self.actor.take();
        guarded(|| drop(actor));
    }

    /// False when the budget is used up.
    fn panicked(&mut self) -> bool {
        let Some(rest) = self.record.panicked(Instant::now()) else {
            crate::trace::actor_gave_up(self.name);
            return false;
        };
        crate::trace::actor_restarts(self.name, rest);
        self.rest = Some(Box::pin(tokio::time::sleep(rest)));
        true
    }
}

impl<A: Actor<Context = Context<A>> + Supervised> Unpin for Supervisor<A> {}

impl<A: Actor<Context = Context<A>> + Supervised> Future for Supervisor<A> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<()> {
        let this = &mut *self;
        loop {
            let restarts = match &mut this.rest {
                Some(rest) if rest.deadline() > tokio::time::Instant::now() => {
                    std::task::ready!(rest.as_mut().poll(cx));
                    true
                }
                rest => rest.is_some(),
            };
            this.rest = None;
            let Some(actor) = &mut this.actor else { return Poll::Ready(()) };
            // Futures that the actor had spawned are dropped by the restart: also that is the actor's code.
            let polled = guarded(|| match restarts && !actor.restart() {
                true => Poll::Ready(()),
                false => Pin::new(actor).poll(cx),
            });
            match polled {
                Some(Poll::Pending) => return Poll::Pending,
                Some(Poll::Ready(())) => return this.end(End::Stopped),
                None if this.panicked() => {}
                None => return this.end(End::GaveUp),
            }
        }
    }
}

impl<A: Actor<Context = Context<A>> + Supervised> Drop for Supervisor<A> {
    fn drop(&mut self) {
        self.bury();
    }
}
