//! What ties a socket to rooms that want to know of it.
//!
//! A tie lives on the seat, where the socket lives. It is dropped when the socket leaves the room, however that comes: a `leave`, a
//! disconnect, a panic, the end of the worker. Whoever made it hears of the end from its `Drop`, and cannot miss it.

use std::any::Any;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::hall::Hall;
use super::{Fleet, RoomEvent, RoomName, Seat};
use crate::engine::CloseReason;
use crate::seldom::lend;
use crate::supervise::guarded;

/// Why a socket left its namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Disconnect {
    /// The server called `disconnect`.
    ServerNamespaceDisconnect,
    /// The client called `disconnect`.
    ClientNamespaceDisconnect,
    /// The connection ended.
    Closed(CloseReason),
}

impl Disconnect {
    /// The reason as the reference words it, such as `transport close`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ServerNamespaceDisconnect => "server namespace disconnect",
            Self::ClientNamespaceDisconnect => "client namespace disconnect",
            Self::Closed(reason) => reason.as_str(),
        }
    }
}

impl fmt::Display for Disconnect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// See the module.
pub(crate) trait Tie {
    fn as_any(&self) -> &dyn Any;
    /// The socket's transport is lost and its client may come back, or it is back.
    fn away(&self, is_away: bool);
    /// Why it will be dropped: the reason of a disconnect, or none when the socket leaves this room only. Not called when the worker ends.
    fn parts(&self, why: Option<Disconnect>);
}

impl Seat {
    pub(crate) fn tie(&self, room: RoomName, tie: Rc<dyn Tie>) {
        lend(&self.ties, |ties| ties.push((room, tie)));
    }

    /// The first tie for which `pick` has something.
    pub(crate) fn find_tie<T>(&self, pick: impl FnMut(&Rc<dyn Tie>) -> Option<T>) -> Option<T> {
        lend(&self.ties, |ties| ties.iter().map(|(_, tie)| tie).find_map(pick))
    }

    /// It is leaving its namespace.
    pub(crate) fn parts(&self, why: Disconnect) {
        let ties = lend(&self.ties, |ties| ties.to_vec());
        ties.iter().for_each(|(_, tie)| tie.parts(Some(why)));
    }

    /// It has left one room.
    pub(super) fn untie(&self, room: &RoomName) {
        let mut gone = Vec::new();
        lend(&self.ties, |ties| {
            ties.retain(|(name, tie)| {
                let stays = name != room;
                if !stays {
                    gone.push(tie.clone());
                }
                stays
            });
        });
        gone.iter().for_each(|tie| tie.parts(None));
    }

    /// It is in no room any more.
    pub(super) fn untie_all(&self) {
        drop(self.ties.take());
    }

    /// Tells its rooms, and those who watch them.
    pub(super) fn tell_away(&self, is_away: bool) {
        let ties = lend(&self.ties, |ties| ties.to_vec());
        ties.iter().for_each(|(_, tie)| tie.away(is_away));
        if self.hall.space.observer.is_watching() {
            let event = if is_away { RoomEvent::Away } else { RoomEvent::Back };
            self.hall.tell(self.card.rooms(self.id).into_iter().map(|room| event(room, self.id)));
        }
    }
}

/// A room that nobody is in and that stays for a while. Dropped, it goes, unless somebody has come.
pub(super) struct Lingering {
    fleet: Arc<Fleet>,
    hall: Rc<Hall>,
    room: RoomName,
}

impl Lingering {
    pub(super) fn begin(fleet: &Arc<Fleet>, hall: &Rc<Hall>, room: &RoomName, time: Duration) {
        let lingering = Self { fleet: fleet.clone(), hall: hall.clone(), room: room.clone() };
        // A worker that is ending has no runtime any more: the room goes at once.
        guarded(|| {
            actix_rt::spawn(async move {
                tokio::time::sleep(time).await;
                drop(lingering);
            })
        });
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        if self.fleet.directory.close(self.hall.space.id, &self.room) {
            self.hall.tell([RoomEvent::Deleted(self.room.clone())]);
        }
    }
}
