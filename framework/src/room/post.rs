//! Where a live room is: one record per room and node, which every thread finds.
//!
//! The worker is chosen by the room's name among those that are alive when the room is created, and is then the room's for its life. What is
//! sent to a room travels with everything else that goes to that worker, so it arrives in the order it was sent.

use std::any::TypeId;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;

use super::actor::{Desk, Mail};
use crate::worker::{Fleet, HubInner, RoomName, Space};

/// Live rooms of one namespace, by kind and name.
#[derive(Default)]
pub(crate) struct Posts(Mutex<HashMap<(TypeId, RoomName), Arc<Post>>>);

impl Posts {
    fn lock(&self) -> MutexGuard<'_, HashMap<(TypeId, RoomName), Arc<Post>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a room is made with.
pub(crate) struct Plan {
    pub(crate) kind: TypeId,
    /// Of the plain room that its members are in.
    pub(crate) name: RoomName,
    /// Places in its mailbox.
    pub(crate) mailbox: usize,
    /// Live rooms that there may be in the namespace.
    pub(crate) max: usize,
}

/// See the module.
pub(crate) struct Post {
    pub(crate) name: RoomName,
    pub(crate) kind: TypeId,
    pub(crate) worker: u16,
    pub(crate) id: u64,
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) space: Arc<Space>,
    /// One permit per message that may wait.
    pub(crate) places: Arc<Semaphore>,
    pub(crate) members: AtomicUsize,
}

/// More rooms than there may be.
pub(crate) struct TooMany;

impl Post {
    pub(crate) fn find(space: &Space, kind: TypeId, name: &RoomName) -> Option<Arc<Self>> {
        space.spread.kept::<Posts>()?.lock().get(&(kind, name.clone())).cloned()
    }

    pub(crate) fn all(space: &Space, kind: TypeId) -> Vec<Arc<Self>> {
        let posts = space.spread.kept::<Posts>();
        let of_kind =
            |posts: &Posts| posts.lock().values().filter(|post| post.kind == kind).cloned().collect();
        posts.map(of_kind).unwrap_or_default()
    }

    /// The room's post, and whether it is new: then whoever asked starts the room.
    pub(crate) fn of(
        fleet: &Arc<Fleet>,
        space: &Arc<Space>,
        plan: Plan,
    ) -> Result<(Arc<Self>, bool), TooMany> {
        static IDS: AtomicU64 = AtomicU64::new(0);
        let Some(posts) = space.spread.kept::<Posts>() else { return Err(TooMany) };
        let mut posts = posts.lock();
        let alive = posts.len();
        match posts.entry((plan.kind, plan.name.clone())) {
            Entry::Occupied(entry) => Ok((entry.get().clone(), false)),
            Entry::Vacant(_) if alive >= plan.max => Err(TooMany),
            Entry::Vacant(entry) => {
                let workers: Vec<_> = fleet.live().collect();
                let post = Arc::new(Self {
                    worker: fleet.directory.place(space.id, &plan.name, &workers),
                    name: plan.name,
                    kind: plan.kind,
                    id: IDS.fetch_add(1, Ordering::Relaxed),
                    fleet: fleet.clone(),
                    space: space.clone(),
                    places: Arc::new(Semaphore::new(plan.mailbox)),
                    members: AtomicUsize::new(0),
                });
                entry.insert(post.clone());
                Ok((post, true))
            }
        }
    }

    /// The room has ended: the next one that asks for its name starts another.
    pub(crate) fn retire(&self) {
        if let Some(posts) = self.space.spread.kept::<Posts>() {
            let mut posts = posts.lock();
            let key = (self.kind, self.name.clone());
            if posts.get(&key).is_some_and(|post| post.id == self.id) {
                posts.remove(&key);
            }
        }
    }

    /// Runs something on the room's worker, in order with everything else sent there.
    pub(crate) fn run(&self, errand: impl FnOnce(&Rc<HubInner>) + Send + 'static) {
        HubInner::run_from_anywhere(&self.fleet, self.worker, Box::new(errand));
    }

    /// Puts something into the room's mailbox. Dropped when the room has ended.
    pub(crate) fn send(&self, mail: Mail) {
        let id = self.id;
        self.run(move |hub| Desk::deliver(hub, id, mail));
    }
}
