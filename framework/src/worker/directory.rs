//! Which workers have members of which room: the one thing of delivery that threads share.
//!
//! A room's [`Spread`] counts its members per worker. A worker locks a shard only when its first member of a room
//! comes or its last one goes; a broadcast from a worker that has the room itself takes no lock at all.

use std::any::Any;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use ahash::RandomState;

use super::{Fleet, RoomName, Rooms};
use crate::supervise::guarded;

const SHARDS: usize = 16;

/// Members per worker, and what is kept with the room, or the namespace, that they are in.
#[derive(Debug)]
pub(crate) struct Spread {
    counts: Box<[AtomicU32]>,
    /// How long it stays when nobody is in it, in milliseconds.
    linger: AtomicU32,
    kept: OnceLock<Box<dyn Any + Send + Sync>>,
}

impl Spread {
    pub(crate) fn new(workers: usize) -> Self {
        let counts = (0..workers).map(|_| AtomicU32::new(0)).collect();
        Self { counts, linger: AtomicU32::new(0), kept: OnceLock::new() }
    }

    /// A value of a layer above, made when it is asked for first. One type per room: of another one there is none.
    pub(crate) fn kept<T: Default + Send + Sync + 'static>(&self) -> Option<&T> {
        self.kept.get_or_init(|| Box::new(T::default())).downcast_ref()
    }

    pub(crate) fn linger_for(&self, time: Duration) {
        self.linger.store(u32::try_from(time.as_millis()).unwrap_or(u32::MAX), Ordering::Release);
    }

    pub(crate) fn add(&self, worker: u16) {
        if let Some(count) = self.counts.get(usize::from(worker)) {
            count.fetch_add(1, Ordering::AcqRel);
        }
    }

    pub(crate) fn remove(&self, worker: u16) {
        if let Some(count) = self.counts.get(usize::from(worker)) {
            count.fetch_sub(1, Ordering::AcqRel);
        }
    }

    /// Workers with members, in order.
    pub(crate) fn workers(&self) -> impl Iterator<Item = u16> + '_ {
        self.counts.iter().enumerate().filter(|(_, n)| n.load(Ordering::Acquire) > 0).map(|(i, _)| i as u16)
    }

    /// Members on all workers.
    pub(crate) fn total(&self) -> usize {
        self.counts.iter().map(|n| n.load(Ordering::Acquire) as usize).sum()
    }

    fn is_empty(&self) -> bool {
        self.counts.iter().all(|n| n.load(Ordering::Acquire) == 0)
    }
}

/// What is left of a room when a worker's last member is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Others,
    /// It was the node's last one: the room is gone.
    Last,
    /// It was the node's last one, and the room stays for so long.
    Lingers(Duration),
}

/// What is kept with a room is a person's, and so is its `Drop`: never under a lock, and a panic of it ends here.
fn end(spread: Arc<Spread>) {
    guarded(|| drop(spread));
}

type Shard = RwLock<HashMap<(u32, RoomName), Arc<Spread>, RandomState>>;

/// All rooms of all namespaces of one server.
#[derive(Debug)]
pub(crate) struct Directory {
    workers: usize,
    hasher: RandomState,
    shards: Box<[Shard]>,
    /// Rooms that sockets are on their way into, and how often.
    awaited: Mutex<HashMap<(u32, RoomName), usize, RandomState>>,
    /// Kept beside the lock, so that a broadcast looks at it only when there are some.
    awaiting: AtomicUsize,
}

impl Directory {
    pub(crate) fn new(workers: usize) -> Self {
        let hasher = RandomState::new();
        let shards = (0..SHARDS).map(|_| RwLock::new(HashMap::with_hasher(hasher.clone()))).collect();
        let awaited = Mutex::new(HashMap::with_hasher(hasher.clone()));
        Self { workers, hasher, shards, awaited, awaiting: AtomicUsize::new(0) }
    }

    #[expect(clippy::indexing_slicing, reason = "the remainder is below the number of shards")]
    fn shard(&self, namespace: u32, room: &RoomName) -> &Shard {
        &self.shards[self.hasher.hash_one((namespace, room)) as usize % SHARDS]
    }

    /// Counts one member of `room` on `worker`. True when the room is new to the server.
    pub(crate) fn enter(&self, namespace: u32, room: &RoomName, worker: u16) -> (Arc<Spread>, bool) {
        let mut shard = self.shard(namespace, room).write().unwrap_or_else(PoisonError::into_inner);
        match shard.entry((namespace, room.clone())) {
            Entry::Occupied(entry) => {
                entry.get().add(worker);
                (entry.get().clone(), false)
            }
            Entry::Vacant(entry) => {
                let spread = entry.insert(Arc::new(Spread::new(self.workers))).clone();
                spread.add(worker);
                (spread, true)
            }
        }
    }

    /// Takes one member of `room` on `worker` back.
    pub(crate) fn exit(&self, namespace: u32, room: &RoomName, worker: u16) -> Exit {
        let mut shard = self.shard(namespace, room).write().unwrap_or_else(PoisonError::into_inner);
        let Entry::Occupied(entry) = shard.entry((namespace, room.clone())) else { return Exit::Others };
        entry.get().remove(worker);
        if !entry.get().is_empty() {
            return Exit::Others;
        }
        match entry.get().linger.load(Ordering::Acquire) {
            0 => {
                let spread = entry.remove();
                drop(shard);
                end(spread);
                Exit::Last
            }
            time => Exit::Lingers(Duration::from_millis(time.into())),
        }
    }

    /// Ends a room that lingers. False when somebody has come, or it has ended.
    pub(crate) fn close(&self, namespace: u32, room: &RoomName) -> bool {
        let mut shard = self.shard(namespace, room).write().unwrap_or_else(PoisonError::into_inner);
        let Entry::Occupied(entry) = shard.entry((namespace, room.clone())) else { return false };
        if !entry.get().is_empty() {
            return false;
        }
        let spread = entry.remove();
        drop(shard);
        end(spread);
        true
    }

    /// The one of these workers that a room is worked on: the same one for the same workers, each of them as often as the others.
    pub(crate) fn place(&self, namespace: u32, room: &RoomName, workers: &[u16]) -> u16 {
        let weight = |worker: &&u16| self.hasher.hash_one((namespace, room, **worker));
        workers.iter().max_by_key(weight).copied().unwrap_or_default()
    }

    pub(crate) fn find(&self, namespace: u32, room: &RoomName) -> Option<Arc<Spread>> {
        let shard = self.shard(namespace, room).read().unwrap_or_else(PoisonError::into_inner);
        shard.get(&(namespace, room.clone())).cloned()
    }

    fn awaited(&self) -> MutexGuard<'_, HashMap<(u32, RoomName), usize, RandomState>> {
        self.awaited.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sockets are about to be let into `room`: until `joined`, any worker may have members.
    fn joining(&self, namespace: u32, room: &RoomName) {
        *self.awaited().entry((namespace, room.clone())).or_default() += 1;
        self.awaiting.fetch_add(1, Ordering::AcqRel);
    }

    /// The end of one `joining`.
    fn joined(&self, namespace: u32, room: &RoomName) {
        let mut awaited = self.awaited();
        if let Entry::Occupied(mut entry) = awaited.entry((namespace, room.clone())) {
            *entry.get_mut() -= 1;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
        self.awaiting.fetch_sub(1, Ordering::AcqRel);
    }

    pub(crate) fn is_awaited(&self, namespace: u32, room: &RoomName) -> bool {
        self.awaiting.load(Ordering::Acquire) > 0 && self.awaited().contains_key(&(namespace, room.clone()))
    }

    /// Names and member counts of a namespace's rooms. Walks every room of the server: for tools, not for the data path.
    pub(crate) fn rooms(&self, namespace: u32) -> Vec<(RoomName, usize)> {
        let mut rooms = Vec::new();
        for shard in &self.shards {
            let shard = shard.read().unwrap_or_else(PoisonError::into_inner);
            let mine = shard.iter().filter(|((n, _), _)| *n == namespace);
            rooms.extend(mine.map(|((_, name), spread)| (name.clone(), spread.total())));
        }
        rooms
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|s| s.read().unwrap_or_else(PoisonError::into_inner).len()).sum()
    }
}

/// Sockets on their way into rooms, asked for by a thread that is not theirs: which of them, and whether they are still
/// there, only their workers know. While this lives, broadcasts to the rooms ask every worker.
pub(crate) struct Joining {
    fleet: Arc<Fleet>,
    namespace: u32,
    rooms: Rooms,
}

impl Joining {
    pub(crate) fn begin(fleet: &Arc<Fleet>, namespace: u32, rooms: Rooms) -> Self {
        rooms.iter().for_each(|room| fleet.directory.joining(namespace, room));
        Self { fleet: fleet.clone(), namespace, rooms }
    }

    pub(crate) fn rooms(&self) -> &[RoomName] {
        &self.rooms
    }
}

impl Drop for Joining {
    fn drop(&mut self) {
        self.rooms.iter().for_each(|room| self.fleet.directory.joined(self.namespace, room));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_exists_from_its_first_member_to_its_last() {
        let directory = Directory::new(4);
        let room = RoomName::from("a");
        assert!(directory.enter(0, &room, 1).1);
        assert!(!directory.enter(0, &room, 3).1);
        assert!(directory.enter(1, &room, 0).1, "the same name in another namespace is another room");
        let spread = directory.find(0, &room).unwrap();
        assert_eq!(spread.workers().collect::<Vec<_>>(), [1, 3]);
        assert_eq!(spread.total(), 2);
        assert_eq!(directory.exit(0, &room, 1), Exit::Others);
        assert_eq!(directory.exit(0, &room, 3), Exit::Last);
        assert_eq!(directory.exit(1, &room, 0), Exit::Last);
        assert_eq!(directory.len(), 0);
    }

    #[test]
    fn a_room_that_lingers_is_the_same_for_whoever_comes_meanwhile() {
        let directory = Directory::new(1);
        let room = RoomName::from("a");
        let (spread, _) = directory.enter(0, &room, 0);
        spread.linger_for(Duration::from_secs(1));
        assert_eq!(directory.exit(0, &room, 0), Exit::Lingers(Duration::from_secs(1)));
        let (again, created) = directory.enter(0, &room, 0);
        assert!(!created && Arc::ptr_eq(&spread, &again));
        assert!(!directory.close(0, &room), "somebody has come");
        directory.exit(0, &room, 0);
        assert!(directory.close(0, &room) && !directory.close(0, &room));
        assert_eq!(directory.len(), 0);
    }

    #[test]
    fn a_room_is_awaited_until_every_joining_has_ended() {
        let directory = Directory::new(1);
        let room = RoomName::from("a");
        directory.joining(0, &room);
        directory.joining(0, &room);
        directory.joined(0, &room);
        assert!(directory.is_awaited(0, &room) && !directory.is_awaited(1, &room));
        directory.joined(0, &room);
        assert!(!directory.is_awaited(0, &room) && directory.awaited().is_empty());
    }
}
