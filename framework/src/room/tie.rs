//! What ties a member to its room.

use std::any::Any;
use std::cell::Cell;
use std::sync::Arc;

use super::actor::Mail;
use super::behaviour::Departure;
use super::post::Post;
use crate::id::SocketId;
use crate::socket::Disconnect;
use crate::worker::Tie;

/// Lives on the member's seat. The room is told when it is dropped, wherever and for whatever reason: also when it never got there.
pub(crate) struct RoomTie {
    pub(crate) post: Arc<Post>,
    member: SocketId,
    serial: u64,
    why: Cell<Departure>,
}

impl RoomTie {
    pub(crate) fn new(post: Arc<Post>, member: SocketId, serial: u64) -> Self {
        Self { post, member, serial, why: Cell::new(Departure::Lost) }
    }
}

impl Tie for RoomTie {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn away(&self, is_away: bool) {
        let member = self.member;
        self.post.send(Mail::new(move |room| {
            room.away(member, is_away);
            None
        }));
    }

    fn parts(&self, why: Option<Disconnect>) {
        self.why.set(why.map_or(Departure::Left, Departure::Disconnected));
    }
}

impl Drop for RoomTie {
    fn drop(&mut self) {
        let (member, serial, why) = (self.member, self.serial, self.why.get());
        self.post.send(Mail::new(move |room| {
            room.left(member, serial, why);
            None
        }));
    }
}
