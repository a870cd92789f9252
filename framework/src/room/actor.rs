//! The actor of one live room: its mailbox, its timers, and the restart of its behaviour.
//!
//! It is supervised: a panic of the person's code ends the call that it happened in, and what waits is handled by the behaviour that comes
//! back. Members are the behaviour's to keep, and are kept.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use actix::fut::ActorFuture;
use actix::{Actor, ActorContext, Addr, AsyncContext, Context, Handler, Message, Supervised};
use tokio::sync::oneshot;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::behaviour::Behaviour;
use super::post::Post;
use crate::socket::Task;
use crate::supervise::{self, Budget, guarded};
use crate::worker::HubInner;

/// Calls to one room before others of its worker get their turn.
const TURN: usize = 256;

/// Rooms that are ended before others of their worker get their turn.
const BATCH: usize = 100;

type Act = Box<dyn FnOnce(&mut dyn Behaviour) -> Option<Task> + Send>;

/// Something for a room to do.
pub(crate) struct Mail(Act);

impl Mail {
    pub(crate) fn new(act: impl FnOnce(&mut dyn Behaviour) -> Option<Task> + Send + 'static) -> Self {
        Self(Box::new(act))
    }
}

impl Message for Mail {
    type Result = ();
}

/// The rooms of one worker.
#[derive(Default)]
pub(crate) struct Desk {
    rooms: RefCell<HashMap<u64, Addr<RoomActor>>>,
    /// Told when there is none any more.
    cleared: RefCell<Vec<oneshot::Sender<()>>>,
}

impl Desk {
    pub(crate) fn deliver(hub: &HubInner, id: u64, mail: Mail) {
        if let Some(room) = hub.kept::<Self>().rooms.borrow().get(&id) {
            // Bounded by the room's places: who sends holds one, or is a member, which has one tie.
            room.do_send(mail);
        }
    }
}

impl Desk {
    fn remove(&self, id: u64) {
        let last = {
            let mut rooms = self.rooms.borrow_mut();
            rooms.remove(&id);
            rooms.is_empty()
        };
        if last {
            for tell in self.cleared.take() {
                let _ = tell.send(());
            }
        }
    }
}

/// Ends the rooms of this worker, `#[closed]` and all, so many at a time; until the deadline. True if all
/// have ended.
pub(crate) async fn drain(hub: &HubInner, until: std::time::Instant) -> bool {
    let desk = hub.kept::<Desk>();
    let rooms: Vec<_> = desk.rooms.borrow().values().cloned().collect();
    if rooms.is_empty() {
        return true;
    }
    let (tx, cleared) = oneshot::channel();
    desk.cleared.borrow_mut().push(tx);
    let end = |room: Addr<RoomActor>| {
        room.do_send(Mail::new(|room| {
            room.end();
            None
        }));
    };
    supervise::in_batches(rooms, BATCH, until, end).await;
    tokio::time::timeout_at(until.into(), cleared).await.is_ok()
}

enum Phase {
    Open,
    /// Its last words are being said.
    Closing,
    Over,
}

/// See the module.
pub(crate) struct RoomActor {
    post: Arc<Post>,
    behaviour: Box<dyn Behaviour>,
    waiting: VecDeque<Mail>,
    busy: Option<Task>,
    phase: Phase,
}

impl RoomActor {
    /// Starts a room on this thread, which is its worker.
    pub(crate) fn start(hub: &HubInner, post: Arc<Post>, behaviour: Box<dyn Behaviour>, budget: Budget) {
        let id = post.id;
        let actor = Self { post, behaviour, waiting: VecDeque::new(), busy: None, phase: Phase::Open };
        let addr = supervise::start("room", actor, budget, |_| {});
        hub.kept::<Desk>().rooms.borrow_mut().insert(id, addr);
    }

    /// Works off what waits until something has to be waited for. False when the room is over.
    fn go_on(&mut self, cx: &mut TaskContext<'_>) -> bool {
        for _ in 0..TURN {
            if let Some(busy) = &mut self.busy {
                match busy.as_mut().poll(cx) {
                    Poll::Pending => return true,
                    Poll::Ready(()) => self.busy = None,
                }
            }
            match self.phase {
                Phase::Over => return false,
                Phase::Closing => self.phase = Phase::Over,
                Phase::Open if self.behaviour.is_closing() => {
                    self.phase = Phase::Closing;
                    self.busy = self.behaviour.close();
                }
                Phase::Open => match self.waiting.pop_front() {
                    Some(Mail(act)) => self.busy = act(&mut *self.behaviour),
                    None => return true,
                },
            }
        }
        cx.waker().wake_by_ref();
        true
    }
}

impl Actor for RoomActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let timers = self.behaviour.ticks().into_iter().map(timer).collect();
        if matches!(self.phase, Phase::Open) {
            self.busy = self.behaviour.open();
        }
        ctx.spawn(Pump { timers });
    }
}

/// A fixed tick: what is missed is left out, so that a room that was busy does not hurry afterwards.
fn timer(every: Duration) -> Interval {
    let mut timer = interval_at(Instant::now() + every, every);
    timer.set_missed_tick_behavior(MissedTickBehavior::Skip);
    timer
}

impl Supervised for RoomActor {
    fn restarting(&mut self, ctx: &mut Self::Context) {
        // The state may be in it, and its `Drop` may panic, too.
        let busy = self.busy.take();
        guarded(|| drop(busy));
        if !matches!(self.phase, Phase::Open) || !self.behaviour.crashed() {
            self.phase = Phase::Over;
            ctx.stop();
        }
    }
}

impl Handler<Mail> for RoomActor {
    type Result = ();

    fn handle(&mut self, mail: Mail, _: &mut Self::Context) {
        // The pump is polled behind the mailbox, in the same turn.
        self.waiting.push_back(mail);
    }
}

impl Drop for RoomActor {
    fn drop(&mut self) {
        // In this order: who waits for an answer finds no room then, and asks for a new one.
        // It drops what a person kept for members.
        guarded(|| self.behaviour.bury());
        self.post.retire();
        if let Some(hub) = HubInner::here(&self.post.fleet) {
            hub.kept::<Desk>().remove(self.post.id);
        }
    }
}

/// Whatever a room waits for.
struct Pump {
    timers: Vec<Interval>,
}

impl ActorFuture<RoomActor> for Pump {
    type Output = ();

    fn poll(
        mut self: Pin<&mut Self>,
        room: &mut RoomActor,
        ctx: &mut Context<RoomActor>,
        cx: &mut TaskContext<'_>,
    ) -> Poll<()> {
        loop {
            if !room.go_on(cx) {
                ctx.stop();
                return Poll::Ready(());
            }
            // A tick waits while the state is lent to an async method.
            if room.busy.is_some() || !matches!(room.phase, Phase::Open) {
                break;
            }
            match self.timers.iter_mut().position(|timer| timer.poll_tick(cx).is_ready()) {
                Some(which) => room.behaviour.tick(which),
                None if room.behaviour.poll_put_off(cx).is_ready() => {}
                None => break,
            }
        }
        Poll::Pending
    }
}
