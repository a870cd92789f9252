//! The way into a room, and its handle from outside.

use std::any::{Any, TypeId};
use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use compact_str::ToCompactString;
use tokio::sync::oneshot;

use super::hosted::{Entry, Hosted};
use super::{IntoKey, Room, RoomCx, RoomEvents, Sits};
use crate::room::{Mail, Plan, Post, RoomActor};
use crate::socket::{Broadcast, Socket};
use crate::supervise::Budget;
use crate::typed::client::Contract;
use crate::typed::{Cx, Fault, Handler, Ns};
use crate::worker::{Fleet, RoomName, Space};

/// Bytes of a key's text.
const MAX_KEY: usize = 256;

/// How often a room that closes while somebody comes is asked for anew.
const TRIES: usize = 8;

/// A seat in a room.
#[derive(Debug)]
pub struct Entered<R: Room> {
    /// The room.
    pub room: RoomRef<R>,
    /// What `#[joined]` returned. What the room sends right afterwards may reach the client before what the caller makes of it; what must come
    /// first, `#[joined]` sends itself.
    pub snapshot: R::Snapshot,
}

/// A live room, from outside. `Clone` and `Send`.
pub struct RoomRef<R> {
    post: Arc<Post>,
    kind: PhantomData<fn() -> R>,
}

impl<R> Clone for RoomRef<R> {
    fn clone(&self) -> Self {
        Self { post: self.post.clone(), kind: PhantomData }
    }
}

impl<R> fmt::Debug for RoomRef<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RoomRef").field(&self.post.name).finish()
    }
}

fn closed() -> Fault {
    Fault::new("room_closed", "the room has closed")
}

impl<R: RoomEvents> RoomRef<R> {
    pub(super) fn new(post: Arc<Post>) -> Self {
        Self { post, kind: PhantomData }
    }

    /// The name of the plain room that its members are in.
    #[must_use]
    pub fn name(&self) -> &RoomName {
        &self.post.name
    }

    /// How many members it has, those that are away too.
    #[must_use]
    pub fn count(&self) -> usize {
        self.post.members.load(Ordering::Acquire)
    }

    /// How many messages wait for it: `MAILBOX` at most, as whoever has one more waits for a place.
    #[must_use]
    pub fn waiting(&self) -> usize {
        R::MAILBOX - self.post.places.available_permits().min(R::MAILBOX)
    }

    /// Sends to its members. Not by way of the room's mailbox; in a `sequenced` room by way of its worker.
    #[must_use]
    pub fn everyone(&self) -> <R::Client as Contract>::To<Broadcast> {
        let to = Broadcast::new(self.post.fleet.clone(), self.post.space.clone()).to(&self.post.name);
        R::Client::to(if R::SEQUENCED { to.by_way_of(self.post.worker) } else { to })
    }

    /// Runs something with the room's state, over there, and gives its result.
    ///
    /// # Errors
    /// `room_closed` when the room has ended, `internal` when it panicked meanwhile.
    pub async fn with<T: Send + 'static>(
        &self,
        run: impl FnOnce(&mut R, &RoomCx<R>) -> T + Send + 'static,
    ) -> Result<T, Fault> {
        let (tx, rx) = oneshot::channel();
        let run = Shared::new(run);
        let taken = run.clone();
        self.send(move |room| {
            if let Some(run) = taken.take()
                && let Some(done) = room.with(run)
            {
                let _ = tx.send(done);
            }
        })
        .await?;
        rx.await.map_err(|_| if run.take().is_some() { closed() } else { crashed() })
    }

    /// Ends it: see [`RoomCx::close`].
    pub async fn close(&self) {
        let _ = self.with(|_, cx| cx.close()).await;
    }

    /// Waits for a place in its mailbox.
    async fn send(&self, run: impl FnOnce(&mut Hosted<R>) + Send + 'static) -> Result<(), Fault> {
        let place = self.post.places.clone().acquire_owned().await.map_err(|_| closed())?;
        self.post.send(Mail::new(move |room| {
            let _place = place;
            if let Some(room) = room.as_any_mut().downcast_mut() {
                run(room);
            }
            None
        }));
        Ok(())
    }
}

fn crashed() -> Fault {
    Fault::new("internal", "internal error")
}

/// A value that goes to a room, and that is taken back when it did not get there.
struct Shared<T>(Arc<Mutex<Option<T>>>);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Shared<T> {
    fn new(value: T) -> Self {
        Self(Arc::new(Mutex::new(Some(value))))
    }

    fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The name of the plain room of a key.
pub(super) fn name_of<R: Room>(key: &R::Key) -> Result<RoomName, Fault> {
    let name = format_args!("{}:{key}", R::NAME).to_compact_string();
    if name.len() > MAX_KEY + R::NAME.len() + 1 {
        return Err(Fault::new("bad_key", format!("the name of a room has at most {MAX_KEY} bytes")));
    }
    Ok(name)
}

/// A room that is to be started. Dropped before, it was never there.
struct Opening(Option<Arc<Post>>);

impl Drop for Opening {
    fn drop(&mut self) {
        if let Some(post) = self.0.take() {
            post.retire();
        }
    }
}

/// The live room of this key, started if there is none.
fn open<R: RoomEvents>(
    fleet: &Arc<Fleet>,
    space: &Arc<Space>,
    key: &R::Key,
    state: impl FnOnce() -> Box<dyn Any + Send + Sync>,
) -> Result<RoomRef<R>, Fault> {
    let plan = Plan { kind: TypeId::of::<R>(), name: name_of::<R>(key)?, mailbox: R::MAILBOX, max: R::MAX };
    let full = |_| Fault::new("too_many_rooms", format!("there are {} rooms already", R::MAX));
    let (post, is_new) = Post::of(fleet, space, plan).map_err(full)?;
    if is_new {
        let (key, state, mut opening) = (key.clone(), state(), Opening(Some(post.clone())));
        let budget =
            Budget { restarts: R::RESTART.max, within: R::RESTART.within, backoff: R::RESTART.backoff };
        post.run(move |hub| {
            if let Some(post) = opening.0.take() {
                RoomActor::start(hub, post.clone(), Box::new(Hosted::<R>::new(post, key, state)), budget);
            }
        });
    }
    Ok(RoomRef::new(post))
}

fn find<R: RoomEvents>(space: &Space, key: &R::Key) -> Option<RoomRef<R>> {
    Post::find(space, TypeId::of::<R>(), &name_of::<R>(key).ok()?).map(RoomRef::new)
}

async fn enter<R: RoomEvents>(
    socket: &Socket,
    key: R::Key,
    join: R::Join,
    state: impl Fn() -> Box<dyn Any + Send + Sync>,
) -> Result<Entered<R>, Fault> {
    let limit = socket.0.fleet.settings.max_rooms;
    if socket.0.card.room_count() >= limit {
        return Err(Fault::new("too_many_rooms", format!("you are in {limit} rooms already")));
    }
    let join = Shared::new(join);
    let asked = ask(socket, &key, &join, state);
    match tokio::time::timeout(R::ENTER_TIMEOUT, asked).await {
        Ok(verdict) => verdict,
        Err(_) => {
            // What has not got there by now never will.
            drop(join.take());
            Err(too_slow::<R>(&key))
        }
    }
}

fn too_slow<R: Room>(key: &R::Key) -> Fault {
    let (name, limit) = (format!("{}:{key}", R::NAME), R::ENTER_TIMEOUT);
    let fault = Fault::new("enter_timeout", format!("the room `{name}` gave no seat within {limit:?}"));
    let millis = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
    fault.with_data(serde_json::json!({ "room": name, "limit_ms": millis }))
}

async fn ask<R: RoomEvents>(
    socket: &Socket,
    key: &R::Key,
    join: &Shared<R::Join>,
    state: impl Fn() -> Box<dyn Any + Send + Sync>,
) -> Result<Entered<R>, Fault> {
    let (fleet, space) = (&socket.0.fleet, &socket.0.space);
    for _ in 0..TRIES {
        let room = open::<R>(fleet, space, key, &state)?;
        let (reply, answer) = oneshot::channel();
        let (socket, taken) = (socket.clone(), join.clone());
        room.send(move |room| {
            if let Some(join) = taken.take() {
                room.enter(Entry { socket, join, reply });
            }
        })
        .await?;
        match answer.await {
            Ok(verdict) => return verdict,
            Err(_) => match join.take() {
                // The room was closing: there is another one now, or there will be.
                Some(back) => drop(join.0.lock().unwrap_or_else(PoisonError::into_inner).insert(back)),
                None => return Err(crashed()),
            },
        }
    }
    Err(closed())
}

impl<H: Handler> Cx<H> {
    /// Takes a seat in a room: finds it or makes it, asks its `#[joining]`, and is in it when this resolves. Events of this client that the handler
    /// does not answer, and the room does, go there from then on.
    ///
    /// # Errors
    /// What `#[created]` or `#[joining]` said; `room_full`, `room_locked`, `already_in_room`, `too_many_rooms`, `bad_key`, `room_closed`; `enter_timeout` when
    /// there was no seat within the room's `enter_timeout`, 10 s by default; `internal` when one of them panicked.
    pub async fn enter<R>(&self, key: impl IntoKey<R::Key>, join: R::Join) -> Result<Entered<R>, Fault>
    where
        R: RoomEvents,
        H: Sits<R>,
    {
        enter(self.socket(), key.into_key(), join, || Box::new(self.state().clone())).await
    }

    /// A room that is alive.
    #[must_use]
    pub fn room<R: RoomEvents>(&self, key: impl IntoKey<R::Key>) -> Option<RoomRef<R>> {
        find(&self.socket().0.space, &key.into_key())
    }

    /// Leaves a room; its `#[left]` runs. The same as leaving its plain room.
    pub fn exit<R: RoomEvents>(&self, key: impl IntoKey<R::Key>) {
        if let Ok(name) = name_of::<R>(&key.into_key()) {
            self.socket().leave(name);
        }
    }
}

impl<H: Handler> Ns<H> {
    /// A room that is alive.
    #[must_use]
    pub fn room<R: RoomEvents>(&self, key: impl IntoKey<R::Key>) -> Option<RoomRef<R>> {
        find(&self.namespace().core.space, &key.into_key())
    }

    /// The rooms of a kind that are alive.
    #[must_use]
    pub fn rooms<R: RoomEvents>(&self) -> Vec<RoomRef<R>> {
        let space = &self.namespace().core.space;
        Post::all(space, TypeId::of::<R>()).into_iter().map(RoomRef::new).collect()
    }
}
