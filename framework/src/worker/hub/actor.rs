//! The actor: it receives what other workers send, and ends each turn.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context as TaskContext, Poll};
use std::time::{Duration, Instant};

use actix::fut::ActorFuture;
use actix::{Actor, ActorFutureExt, AsyncContext, Context, Handler, Supervised, WrapFuture};
use tokio::task::yield_now;
use tokio::time::Sleep;
use tokio_util::sync::ReusableBoxFuture;

use super::{HubInner, SLACK};
use crate::worker::Op;
use crate::worker::fleet::Batch;

/// Operations after which a hub lets other tasks of its worker run.
const BATCH: usize = 512;

/// The hub as an actor: it receives what other workers send, and owns the worker's one timer.
#[derive(Debug)]
pub(super) struct Hub {
    inner: Weak<HubInner>,
    /// Operations that have arrived. Kept here, so that a panic costs the one that it happened in.
    waiting: VecDeque<Op>,
    handled: usize,
}

impl Supervised for Hub {
    fn restarting(&mut self, ctx: &mut Self::Context) {
        self.work_off(ctx);
    }
}

impl Hub {
    pub(super) fn of(inner: &Rc<HubInner>) -> Self {
        Self { inner: Rc::downgrade(inner), waiting: VecDeque::new(), handled: 0 }
    }

    fn work_off(&mut self, ctx: &mut Context<Self>) {
        let Some(hub) = self.inner.upgrade() else { return };
        while let Some(op) = self.waiting.pop_front() {
            self.handled += 1;
            hub.carry_out(op);
        }
        hub.keep_batch(std::mem::take(&mut self.waiting).into());
        // A mailbox is drained without a budget: a flooded hub would never let its worker's sockets be polled.
        if self.handled >= BATCH {
            self.handled = 0;
            ctx.wait(yield_now().into_actor(self).map(|(), _, _| ()));
        }
    }
}

impl Actor for Hub {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.spawn(Loop::new());
        let log = self.inner.upgrade().and_then(|hub| hub.settings.log());
        if let Some(log) = log {
            ctx.run_interval((log.age / 4).max(Duration::from_secs(1)), |hub, _| {
                if let Some(hub) = hub.inner.upgrade() {
                    hub.forget_old();
                }
            });
        }
    }
}

impl Handler<Batch> for Hub {
    type Result = ();

    fn handle(&mut self, batch: Batch, ctx: &mut Self::Context) {
        let Some(hub) = self.inner.upgrade() else { return };
        hub.berth().arrived(&batch);
        if self.waiting.is_empty() {
            self.waiting = batch.ops.into();
        } else {
            self.waiting.extend(batch.ops);
        }
        self.work_off(ctx);
    }
}

/// The end of each turn: what was gathered leaves, what is due runs.
///
/// Who spoke is written to at once, who only listens after the runtime has looked once more for what is ready. On an idle worker that is a system
/// call later. On a busy one the next packets of those who spoke have come by then, and what several say to one listener leaves with one write.
#[derive(Debug)]
struct Loop {
    sleep: Option<Pin<Box<Sleep>>>,
    /// The runtime's look. Its space is used again.
    pass: ReusableBoxFuture<'static, ()>,
    passing: bool,
}

impl Loop {
    fn new() -> Self {
        Self { sleep: None, pass: ReusableBoxFuture::new(yield_now()), passing: false }
    }

    /// Pending once, and ready when polled again: after the runtime's look, or earlier together with a task that was ready before it.
    fn pass(&mut self, cx: &mut TaskContext<'_>) -> Poll<()> {
        if !std::mem::replace(&mut self.passing, true) {
            self.pass.set(yield_now());
        }
        let pass = self.pass.poll(cx);
        self.passing = pass.is_pending();
        pass
    }
}

impl ActorFuture<Hub> for Loop {
    type Output = ();

    fn poll(
        mut self: Pin<&mut Self>,
        hub: &mut Hub,
        _: &mut Context<Hub>,
        cx: &mut TaskContext<'_>,
    ) -> Poll<()> {
        let Some(hub) = hub.inner.upgrade() else { return Poll::Ready(()) };
        // Registered first, so that what happens from here on wakes this again.
        *hub.waker.borrow_mut() = Some(cx.waker().clone());
        loop {
            hub.run_timers(Instant::now());
            hub.flush();
            if hub.has_listeners() && self.pass(cx).is_ready() {
                hub.write_to_listeners();
            }
            let Some(at) = hub.timers.borrow().next() else { return Poll::Pending };
            let at = tokio::time::Instant::from_std(at.checked_sub(SLACK).unwrap_or(at));
            let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
            if sleep.deadline() != at {
                sleep.as_mut().reset(at);
            }
            if sleep.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }
}
