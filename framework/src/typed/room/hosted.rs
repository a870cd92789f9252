//! A room's state and its members, as the room's actor runs them.

use std::any::Any;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::oneshot;

use super::table::Home;
use super::{
    Departure, Entered, Linger, Member, OnPanic, RoomCall, RoomCx, RoomEvents, RoomLent, RoomNotice, RoomRef,
    RoomRun,
};
use crate::engine::CloseReason;
use crate::id::SocketId;
use crate::room::{Behaviour, Letter, Post, RoomTie};
use crate::socket::{Socket, Task};
use crate::supervise::guarded;
use crate::typed::Fault;

type Reply<R> = oneshot::Sender<Result<Entered<R>, Fault>>;

/// Somebody who wants in.
pub(super) struct Entry<R: RoomEvents> {
    pub(super) socket: Socket,
    pub(super) join: R::Join,
    pub(super) reply: Reply<R>,
}

/// See the module.
pub(super) struct Hosted<R: RoomEvents> {
    cx: RoomCx<R>,
    home: Home<R>,
    /// `#[created]` has refused to make a room.
    refused: Rc<std::cell::RefCell<Option<Fault>>>,
    stays: u64,
    /// Counted when somebody comes, so that a linger that began before ends nothing.
    arrivals: Rc<std::cell::Cell<u64>>,
    crashed: bool,
    /// Whose `#[joined]` is at work.
    entering: Option<Member<R>>,
}

impl<R: RoomEvents> Hosted<R> {
    pub(super) fn new(post: Arc<Post>, key: R::Key, state: Box<dyn Any + Send + Sync>) -> Self {
        Self {
            cx: RoomCx::new(post, key, state),
            home: Home::default(),
            refused: Rc::default(),
            stays: 0,
            arrivals: Rc::default(),
            crashed: false,
            entering: None,
        }
    }

    /// Runs something with the state, in place. What that asked for follows.
    pub(super) fn with<T>(&mut self, run: impl FnOnce(&mut R, &RoomCx<R>) -> T) -> Option<T> {
        let done = run(self.home.borrow_mut().as_deref_mut()?, &self.cx);
        self.follow();
        Some(done)
    }

    /// Members that the room's code has removed leave.
    fn follow(&mut self) {
        loop {
            let removed = self.cx.0.removed.borrow_mut().pop();
            let Some(id) = removed else { return };
            let member = self.cx.0.members.borrow().get(&id).cloned();
            if let Some(member) = member {
                member.socket().leave(self.cx.name());
                self.depart(&member, Departure::Removed);
            }
        }
    }

    // ---- coming --------------------------------------------------------------------------------------------

    pub(super) fn enter(&mut self, entry: Entry<R>) {
        let Entry { socket, join, reply } = entry;
        match self.decide(&socket, join) {
            Ok(data) => self.admit(&socket, data, reply),
            Err(fault) => {
                let _ = reply.send(Err(fault));
            }
        }
        self.look_after_nobody();
    }

    fn admit(&mut self, socket: &Socket, data: R::Member, reply: Reply<R>) {
        self.stays += 1;
        self.arrivals.set(self.arrivals.get() + 1);
        let (id, post) = (socket.id(), self.cx.0.post.clone());
        let member = Member::new(socket.clone(), data, self.stays);
        self.cx.0.members.borrow_mut().insert(id, member.clone());
        self.cx.counted();
        let tie = RoomTie::new(post.clone(), id, self.stays);
        // In the room before `#[joined]` sends to it; told of it behind that.
        socket.join_tied(&post.name, tie, || {});
        self.entering = Some(member.clone());
        let snapshot = self.with(|room, cx| room.joined(cx, &member));
        self.entering = None;
        let Some(snapshot) = snapshot else { return };
        let home = socket.clone();
        socket.at_home(move |_| {
            let name = post.name.clone();
            // Nobody waits for the seat any more, so nobody would leave it.
            if reply.send(Ok(Entered { room: RoomRef::new(post), snapshot })).is_err() {
                home.leave(name);
            }
        });
    }

    fn decide(&mut self, socket: &Socket, join: R::Join) -> Result<R::Member, Fault> {
        if let Some(fault) = &*self.refused.borrow() {
            return Err(fault.clone());
        }
        if self.cx.0.members.borrow().contains_key(&socket.id()) {
            return Err(Fault::new("already_in_room", "you are in this room already"));
        }
        if self.cx.0.locked.get() {
            return Err(Fault::new("room_locked", "the room takes nobody at the moment"));
        }
        if self.cx.len() >= R::CAPACITY {
            return Err(Fault::new("room_full", format!("the room takes {} members", R::CAPACITY)));
        }
        let verdict = self.with(|room, cx| room.joining(cx, socket, join));
        verdict.unwrap_or_else(|| Err(Fault::new("room_closed", "the room is closing")))
    }

    // ---- going ---------------------------------------------------------------------------------------------

    fn depart(&mut self, member: &Member<R>, why: Departure) {
        self.cx.0.members.borrow_mut().shift_remove(&member.id());
        self.cx.counted();
        if let Some(left) = R::LEFT {
            self.with(|room, cx| left(room, cx, member, why));
        }
        self.look_after_nobody();
    }

    /// What a room does that nobody is in.
    fn look_after_nobody(&mut self) {
        if !self.cx.is_empty() || self.cx.0.closing.get() {
            return;
        }
        // A room that nobody got into leaves nothing behind, whoever knocks.
        if self.stays == 0 || self.refused.borrow().is_some() {
            return self.cx.close();
        }
        let rule = if R::LINGER.is_zero() { Linger::Close } else { Linger::For(R::LINGER) };
        let rule = R::EMPTY.and_then(|empty| self.with(empty)).unwrap_or(rule);
        match rule {
            Linger::Close => self.cx.close(),
            Linger::Stay => {}
            Linger::For(time) => {
                let (arrivals, then) = (self.arrivals.clone(), self.arrivals.get());
                self.cx.after(time, move |_, cx| {
                    if arrivals.get() == then && cx.is_empty() {
                        cx.close();
                    }
                });
            }
        }
    }

    fn tell(&self, event: &str, reason: &str) {
        let notice = RoomNotice { room: self.cx.name().to_string(), reason: reason.to_owned() };
        self.cx.all().emit(event, notice);
    }
}

impl<R: RoomEvents> Behaviour for Hosted<R> {
    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn open(&mut self) -> Option<Task> {
        if self.home.borrow().is_some() {
            return None;
        }
        let (home, refused, cx) = (self.home.clone(), self.refused.clone(), self.cx.clone());
        Some(Box::pin(async move {
            match R::created(cx.clone()).await {
                Ok(state) => *home.borrow_mut() = Some(Box::new(state)),
                Err(fault) => {
                    *refused.borrow_mut() = Some(fault);
                    // Who waits to enter is told first; after a panic members may be there, and nobody waits.
                    if !cx.is_empty() {
                        cx.close();
                    }
                }
            }
        }))
    }

    fn event(&mut self, letter: Letter) -> Option<Task> {
        let member = self.cx.0.members.borrow().get(&letter.from).cloned();
        let Letter { ticket, .. } = match (member, R::lookup(letter.event.name())) {
            (Some(member), Some(method)) => {
                let call = RoomCall::new(self.cx.clone(), member, letter);
                return match method.run {
                    RoomRun::Sync(run) => {
                        let outcome = self.with(|room, _| run(room, &call));
                        outcome.into_iter().for_each(|outcome| call.close(&outcome));
                        None
                    }
                    RoomRun::Exclusive(run) => Some(run(RoomLent::from_home(&self.home)?, call)),
                };
            }
            _ => letter,
        };
        ticket.take()?.fail_with(&not_in_room());
        None
    }

    fn left(&mut self, member: SocketId, serial: u64, why: Departure) {
        let found = self.cx.0.members.borrow().get(&member).filter(|m| m.serial() == serial).cloned();
        if let Some(member) = found {
            self.depart(&member, why);
        }
    }

    fn away(&mut self, member: SocketId, is_away: bool) {
        let Some(member) = self.cx.member(member).filter(|member| member.set_away(is_away)) else { return };
        if let Some(hook) = if is_away { R::AWAY } else { R::BACK } {
            self.with(|room, cx| hook(room, cx, &member));
        }
    }

    fn ticks(&self) -> Vec<Duration> {
        R::TICKS.iter().map(|(every, _)| *every).collect()
    }

    fn tick(&mut self, which: usize) {
        if let Some((_, tick)) = R::TICKS.get(which) {
            self.with(tick);
        }
    }

    fn poll_put_off(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // An async method that removed somebody has ended.
        self.follow();
        self.cx.poll_put_off(cx).map(|run| {
            self.with(run);
        })
    }

    fn crashed(&mut self) -> bool {
        self.cx.0.panics.set(self.cx.0.panics.get().saturating_add(1));
        self.cx.0.removed.take();
        // Told that it is not in.
        if let Some(member) = self.entering.take() {
            member.socket().leave(self.cx.name());
            self.cx.0.members.borrow_mut().shift_remove(&member.id());
            self.cx.counted();
        }
        guarded(|| self.cx.forget_put_off());
        match R::ON_PANIC {
            OnPanic::Fresh => {
                let state = self.home.take();
                guarded(|| drop(state));
            }
            OnPanic::Resume => {}
            OnPanic::Close | OnPanic::Escalate => {
                self.crashed = true;
                return false;
            }
        }
        self.tell("room_restarted", "panic");
        self.look_after_nobody_later();
        true
    }

    fn end(&mut self) {
        self.cx.close();
    }

    fn is_closing(&self) -> bool {
        // A room that refused to be is closed by whoever asked for it.
        self.cx.0.closing.get()
    }

    fn close(&mut self) -> Option<Task> {
        Some(R::CLOSED?(RoomLent::from_home(&self.home)?, self.cx.clone()))
    }

    fn bury(&mut self) {
        // It may hold the handle that holds it.
        guarded(|| self.cx.forget_put_off());
        let members = self.cx.0.members.take();
        if members.is_empty() {
            return;
        }
        self.tell("room_closed", if self.cx.0.closing.get() { "closed" } else { "panic" });
        for member in members.values() {
            member.socket().leave(self.cx.name());
            if self.crashed && R::ON_PANIC == OnPanic::Escalate {
                member.socket().at_home(|cell| {
                    let line = cell.seat.line().clone();
                    cell.hub.close(&line, CloseReason::ForcedClose);
                });
            }
        }
    }
}

impl<R: RoomEvents> Hosted<R> {
    /// A panic has dropped what was put off, also the end of a linger.
    fn look_after_nobody_later(&self) {
        if self.cx.is_empty() {
            let arrivals = (self.arrivals.clone(), self.arrivals.get());
            self.cx.after(R::LINGER, move |_, cx| {
                if arrivals.0.get() == arrivals.1 && cx.is_empty() {
                    cx.close();
                }
            });
        }
    }
}

pub(in crate::typed) fn not_in_room() -> Fault {
    Fault::new("not_in_room", "enter the room first")
}
