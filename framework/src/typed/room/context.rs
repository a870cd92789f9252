//! What a room's method may do.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use indexmap::IndexMap;
use tokio::time::Sleep;

use super::{Member, Room};
use crate::id::SocketId;
use crate::room::Post;
use crate::socket::Broadcast;
use crate::typed::client::Contract;
use crate::worker::RoomName;

/// Of the room: to run later.
pub(super) type PutOff<R> = Box<dyn FnOnce(&mut R, &RoomCx<R>)>;

type Due<R> = (Pin<Box<Sleep>>, PutOff<R>);

/// Things put off at one time; more are not taken.
const MAX_PUT_OFF: usize = 10_000;

/// What everything of one live room shares.
pub(super) struct Inside<R: Room> {
    pub(super) post: Arc<Post>,
    pub(super) key: R::Key,
    pub(super) state: Box<dyn Any + Send + Sync>,
    pub(super) members: RefCell<IndexMap<SocketId, Member<R>, ahash::RandomState>>,
    pub(super) locked: Cell<bool>,
    pub(super) closing: Cell<bool>,
    pub(super) panics: Cell<u32>,
    pub(super) removed: RefCell<Vec<SocketId>>,
    put_off: RefCell<Vec<Due<R>>>,
    waker: RefCell<Option<Waker>>,
}

/// The handle of a room, for its own methods. `Clone`; stays on the room's thread.
pub struct RoomCx<R: Room>(pub(super) Rc<Inside<R>>);

impl<R: Room> Clone for RoomCx<R> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<R: Room> fmt::Debug for RoomCx<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RoomCx").field(&self.0.post.name).finish()
    }
}

type To<R> = <<R as Room>::Client as Contract>::To<Broadcast>;

impl<R: Room> RoomCx<R> {
    pub(super) fn new(post: Arc<Post>, key: R::Key, state: Box<dyn Any + Send + Sync>) -> Self {
        Self(Rc::new(Inside {
            post,
            key,
            state,
            members: RefCell::default(),
            locked: Cell::new(false),
            closing: Cell::new(false),
            panics: Cell::new(0),
            removed: RefCell::default(),
            put_off: RefCell::default(),
            waker: RefCell::default(),
        }))
    }

    /// What tells this room from others of its kind.
    #[must_use]
    pub fn key(&self) -> &R::Key {
        &self.0.key
    }

    /// The plain room that all members are in. A socket that joins it by name hears what the members hear, and is none.
    #[must_use]
    pub fn name(&self) -> &RoomName {
        &self.0.post.name
    }

    /// What the handler that the room was entered from first was mounted with, if it is a `T`.
    #[must_use]
    pub fn state<T: 'static>(&self) -> Option<&T> {
        self.0.state.downcast_ref()
    }

    /// How often the room has panicked since it was created.
    #[must_use]
    pub fn panics(&self) -> u32 {
        self.0.panics.get()
    }

    // ---- members -------------------------------------------------------------------------------------------

    /// How many members it has, those that are away too.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.members.borrow().len()
    }

    /// Whether nobody is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The members, in the order they came.
    #[must_use]
    pub fn members(&self) -> Vec<Member<R>> {
        self.0.members.borrow().values().cloned().collect()
    }

    /// One member.
    #[must_use]
    pub fn member(&self, id: SocketId) -> Option<Member<R>> {
        self.0.members.borrow().get(&id).cloned()
    }

    /// Makes a member leave. `#[left]` runs when the method that is at work has ended.
    pub fn remove(&self, member: &Member<R>) {
        self.0.removed.borrow_mut().push(member.id());
    }

    /// Refuses who wants to enter from here on, with `room_locked`.
    pub fn lock(&self) {
        self.0.locked.set(true);
    }

    /// Lets members in again.
    pub fn unlock(&self) {
        self.0.locked.set(false);
    }

    /// Ends the room when the method that is at work has ended: `#[closed]`, then its members are told and leave.
    pub fn close(&self) {
        self.0.closing.set(true);
    }

    pub(super) fn counted(&self) {
        self.0.post.members.store(self.len(), Ordering::Release);
    }

    // ---- sending -------------------------------------------------------------------------------------------

    pub(super) fn all(&self) -> Broadcast {
        let post = &self.0.post;
        Broadcast::new(post.fleet.clone(), post.space.clone()).to(&post.name)
    }

    /// Sends to all members.
    #[must_use]
    pub fn everyone(&self) -> To<R> {
        R::Client::to(self.all())
    }

    /// Sends to all members but one.
    #[must_use]
    pub fn others(&self, but: &Member<R>) -> To<R> {
        R::Client::to(self.all().except(but.id()))
    }

    /// Sends to the members that `takes` picks. Encoded once, as everything that goes to many.
    #[must_use]
    pub fn only(&self, takes: impl Fn(&Member<R>) -> bool) -> To<R> {
        let members = self.members();
        let picked: Vec<_> = members.iter().filter(|member| takes(member)).map(Member::id).collect();
        let post = &self.0.post;
        let to = Broadcast::new(post.fleet.clone(), post.space.clone());
        // Without a room it would be everybody in the namespace: nobody is both in the room and not.
        R::Client::to(match picked.is_empty() {
            true => to.to(&post.name).except(&post.name),
            false => to.to(picked),
        })
    }

    // ---- time ----------------------------------------------------------------------------------------------

    /// Runs something with the room's state later, once. A panic of the room drops it, and so does its end.
    pub fn after(&self, time: Duration, run: impl FnOnce(&mut R, &Self) + 'static) {
        let mut put_off = self.0.put_off.borrow_mut();
        if put_off.len() >= MAX_PUT_OFF {
            crate::trace::too_much_put_off(&self.0.post.name, MAX_PUT_OFF);
            return;
        }
        put_off.push((Box::pin(tokio::time::sleep(time)), Box::new(run)));
        if let Some(waker) = self.0.waker.take() {
            waker.wake();
        }
    }

    /// The next thing that is due.
    pub(super) fn poll_put_off(&self, cx: &mut Context<'_>) -> Poll<PutOff<R>> {
        *self.0.waker.borrow_mut() = Some(cx.waker().clone());
        let mut put_off = self.0.put_off.borrow_mut();
        match put_off.iter_mut().position(|(sleep, _)| sleep.as_mut().poll(cx).is_ready()) {
            Some(due) => Poll::Ready(put_off.swap_remove(due).1),
            None => Poll::Pending,
        }
    }

    pub(super) fn forget_put_off(&self) {
        drop(self.0.put_off.take());
    }
}
