//! From a connection to the room that its socket sits in.

use std::any::{Any, TypeId};
use std::fmt;
use std::sync::Arc;

use super::address::{Address, args_of};
use super::call::Receipt;
use super::enter::name_of;
use super::{Room, RoomEvents, hosted};
use crate::protocol::socket::Event;
use crate::room::{Letter, Mail, Post, RoomTie, Ticket};
use crate::socket::{AckFn, Call, Socket, Task};
use crate::typed::{Fault, Handler, Outcome};
use crate::worker::RoomName;

/// What a kind of room answers, for handlers that list it.
#[derive(Clone, Copy)]
pub struct Hears {
    kind: fn() -> TypeId,
    hears: fn(&str) -> bool,
    address: fn(&Event) -> Result<Option<RoomName>, Fault>,
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
        Self { kind: TypeId::of::<R>, hears: |name| R::lookup(name).is_some(), address: address::<R> }
    }

    /// The rooms that an event is for.
    fn aim(&self, event: &Event) -> Result<Aim, Fault> {
        Ok(Aim { kind: (self.kind)(), name: (self.address)(event)? })
    }
}

fn address<R: RoomEvents>(event: &Event) -> Result<Option<RoomName>, Fault> {
    let key = <R::Address as Address<R::Key>>::read(&mut args_of(event))?;
    key.map(|key| name_of::<R>(&key)).transpose()
}

/// Rooms of a kind: one, or whichever its sender sits in.
struct Aim {
    kind: TypeId,
    name: Option<RoomName>,
}

impl Aim {
    fn takes(&self, post: &Post) -> bool {
        self.kind == post.kind && self.name.as_ref().is_none_or(|name| *name == post.name)
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

/// Takes an event to the room that answers it; `after` hears how it ended, unless its method panicked. What this returns ends when the room has
/// handled it: the next event of the socket waits for that, so one member has one place in a room's mailbox, and its connection is not read
/// while it waits for one.
pub(in crate::typed) fn forward(
    rooms: &[Hears],
    call: Call<'_>,
    after: Option<impl FnOnce(&Outcome) + 'static>,
) -> Option<Task> {
    let Call { socket, event, ack } = call;
    let post = match sits_in(rooms, &event, socket) {
        Ok(post) => post,
        Err(fault) => {
            refuse(socket, event.name(), ack, fault, after);
            return None;
        }
    };
    let (from, ticket) = (socket.id(), Ticket::new(ack));
    Some(Box::pin(async move {
        let Ok(place) = post.places.clone().acquire_owned().await else { return };
        let (handled, done) = tokio::sync::oneshot::channel();
        let (receipt, how) = after.is_some().then(Receipt::new).unzip();
        post.send(Mail::new(move |room| {
            let _place = place;
            let receipt = receipt.map(|receipt| Box::new(receipt) as Box<dyn Any + Send>);
            room.event(Letter { from, event, ticket, handled, receipt })
        }));
        // Dropped is handled, too.
        let _ = done.await;
        if let Some((after, how)) = after.zip(how)
            && let Ok(how) = how.await
        {
            after(&how);
        }
    }))
}

/// Answers an event that goes nowhere.
pub(in crate::typed) fn refuse(
    socket: &Socket,
    event: &str,
    mut ack: AckFn,
    fault: Fault,
    after: Option<impl FnOnce(&Outcome)>,
) {
    ack.fail_with(&fault);
    crate::trace::event_failed(socket.namespace(), event, socket.id(), &fault, fault.is_hidden());
    if let Some(after) = after {
        after(&Outcome::Failed(fault));
    }
}

fn sits_in(rooms: &[Hears], event: &Event, socket: &Socket) -> Result<Arc<Post>, Fault> {
    let hearing = rooms.iter().filter(|room| (room.hears)(event.name()));
    let aims = hearing.map(|room| room.aim(event)).collect::<Result<Vec<_>, _>>()?;
    let cell = socket.cell().ok_or_else(hosted::not_in_room)?;
    let mut found = None;
    let mut several = false;
    cell.seat.find_tie(|tie| {
        let tie = tie.as_any().downcast_ref::<RoomTie>()?;
        aims.iter().find(|aim| aim.takes(&tie.post))?;
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
