//! From a connection to the room that its socket sits in.

use std::any::TypeId;
use std::fmt;
use std::sync::Arc;

use super::{Room, RoomEvents, hosted};
use crate::protocol::socket::Event;
use crate::room::{Letter, Mail, Post, RoomTie, Ticket};
use crate::socket::{AckFn, Socket, Task};
use crate::typed::{Fault, Handler};

/// What a kind of room answers, for handlers that list it.
#[derive(Clone, Copy)]
pub struct Hears {
    kind: fn() -> TypeId,
    hears: fn(&str) -> bool,
}

impl fmt::Debug for Hears {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hears")
    }
}

impl Hears {
    /// The events of a kind of room.
    #[must_use]
    pub const fn of<R: RoomEvents>() -> Self {
        Self { kind: TypeId::of::<R>, hears: |name| R::lookup(name).is_some() }
    }
}

/// A handler whose sockets may enter a kind of room. Written by `#[handler(rooms(..))]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not list the room `{R}`",
    label = "its events would not get there",
    note = "write `#[handler(rooms({R}))]`"
)]
pub trait Sits<R: Room>: Handler {}

/// Whether one of these rooms answers it.
pub(in crate::typed) fn is_heard(rooms: &[Hears], name: &str) -> bool {
    rooms.iter().any(|room| (room.hears)(name))
}

/// Takes an event to the room that answers it. What this returns ends when the room has handled it: the next event of the socket waits for that,
/// so one member has one place in a room's mailbox, and its connection is not read while it waits for one.
pub(in crate::typed) fn forward(
    rooms: &[Hears],
    socket: &Socket,
    event: Event,
    mut ack: AckFn,
) -> Option<Task> {
    let kinds: Vec<_> =
        rooms.iter().filter(|room| (room.hears)(event.name())).map(|room| (room.kind)()).collect();
    let post = match sits_in(&kinds, socket) {
        Ok(post) => post,
        Err(fault) => {
            ack.fail_with(&fault);
            return None;
        }
    };
    let (from, ticket) = (socket.id(), Ticket::new(ack));
    Some(Box::pin(async move {
        let Ok(place) = post.places.clone().acquire_owned().await else { return };
        let (handled, done) = tokio::sync::oneshot::channel();
        post.send(Mail::new(move |room| {
            let _place = place;
            room.event(Letter { from, event, ticket, handled })
        }));
        // Dropped is handled, too.
        let _ = done.await;
    }))
}

fn sits_in(kinds: &[TypeId], socket: &Socket) -> Result<Arc<Post>, Fault> {
    let cell = socket.cell().ok_or_else(hosted::not_in_room)?;
    let mut found = None;
    let mut several = false;
    cell.seat.find_tie(|tie| {
        let tie = tie.as_any().downcast_ref::<RoomTie>().filter(|tie| kinds.contains(&tie.post.kind))?;
        several = found.replace(tie.post.clone()).is_some();
        several.then_some(())
    });
    match found {
        Some(_) if several => {
            Err(Fault::new("several_rooms", "you are in several rooms that take this event"))
        }
        Some(post) => Ok(post),
        None => Err(hosted::not_in_room()),
    }
}

/// Fails to compile when a handler and a room of its answer the same event.
pub const fn disjoint(handler: &str, its: &[&str], room: &str, rooms: &[&str]) {
    let mut i = 0;
    while i < its.len() {
        let mut j = 0;
        while j < rooms.len() {
            if same(its[i].as_bytes(), rooms[j].as_bytes()) {
                let text = Text::new().and("event `").and(its[i]).and("` is declared by both `");
                fail(&text.and(handler).and("` and `").and(room).and("`"));
            }
            j += 1;
        }
        i += 1;
    }
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// A sentence put together by the compiler.
struct Text([u8; 512], usize);

impl Text {
    const fn new() -> Self {
        Self([0; 512], 0)
    }

    const fn and(mut self, more: &str) -> Self {
        let more = more.as_bytes();
        let mut i = 0;
        while i < more.len() && self.1 < self.0.len() {
            self.0[self.1] = more[i];
            self.1 += 1;
            i += 1;
        }
        self
    }
}

#[expect(clippy::panic, reason = "the compiler says it")]
const fn fail(text: &Text) -> ! {
    match std::str::from_utf8(text.0.split_at(text.1).0) {
        Ok(text) => panic!("{}", text),
        Err(_) => panic!("a handler and its room answer the same event"),
    }
}
