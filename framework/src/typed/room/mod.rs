//! Rooms that a person writes: a struct is the state of one live room, its methods answer what members send to it.
//!
//! One instance per room and node, on a worker of its own choosing; its methods run one at a time, whichever workers the members are on. The
//! members are kept here, the state is the person's: a panic costs the state, or what the room's policy says, and nobody their place.

mod address;
mod call;
mod context;
mod enter;
mod hosted;
mod member;
mod presence;
mod route;
mod table;

use std::fmt::Display;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use address::{Address, ByKey, BySeat, IntoKey};
pub use call::RoomCall;
pub use context::RoomCx;
pub use enter::{Entered, RoomRef};
pub use member::Member;
pub use presence::{Connection, Here, People, Place, Presence, PresenceClient, PresenceDiff};
pub use route::{Hears, Sits, disjoint};
pub(super) use route::{forward, is_heard, refuse};
pub use table::{
    DefaultMember, DefaultRoom, DefaultSnapshot, RoomEnd, RoomEvents, RoomLeft, RoomLent, RoomMethod,
    RoomRun, RoomSees, RoomTask, RoomTick,
};

use super::client::Contract;
pub use crate::room::Departure;

/// A kind of room: what `#[derive(Room)]` writes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a room",
    label = "this type has methods of a room, but is none",
    note = "add `#[derive(greenroom::Room)]` to it; a connection handler has `#[connect]`, `#[connected]` and `#[disconnect]`"
)]
pub trait Room: Sized + 'static {
    /// What tells one room of this kind from another.
    type Key: Display + Clone + Send + 'static;
    /// What is kept for each member while it is in the room.
    type Member: 'static;
    /// What somebody who enters says.
    type Join: Send + 'static;
    /// What somebody who has entered is told: the result of `#[joined]`.
    type Snapshot: Send + 'static;
    /// What the room sends to its members: a `#[client]` trait, or [`Untyped`](crate::Untyped).
    type Client: Contract;
    /// How an event of a member finds the room: [`BySeat`], or [`ByKey`] where the room is `addressed`.
    type Address: Address<Self::Key>;
    /// The room of key 42 is the plain room `NAME:42`.
    const NAME: &'static str;
    /// Members that it takes; one more is told `room_full`.
    const CAPACITY: usize = usize::MAX;
    /// How long it stays when its last member has left.
    const LINGER: Duration = Duration::ZERO;
    /// How long `enter` waits for a seat: for `#[created]`, for what the room does meanwhile, and for a place in its mailbox.
    const ENTER_TIMEOUT: Duration = Duration::from_secs(10);
    /// Messages that may wait for it; whoever has one more waits, and is not read meanwhile.
    const MAILBOX: usize = 1_024;
    /// Live rooms of this and all other kinds in one namespace; one more is told `too_many_rooms`.
    const MAX: usize = 100_000;
    /// Whether what anybody sends to it by its handle goes by way of its worker, so that all members see one order.
    const SEQUENCED: bool = false;
    /// How often it may panic.
    const RESTART: Restart = Restart { max: 3, within: Duration::from_secs(5), backoff: Duration::ZERO };
    /// What a panic does.
    const ON_PANIC: OnPanic = OnPanic::Fresh;
}

/// How often a room may panic before it is closed, and how long it rests before it goes on: `backoff`, then twice that, and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restart {
    /// Panics that are forgiven …
    pub max: u32,
    /// … within this time.
    pub within: Duration,
    /// The first rest.
    pub backoff: Duration,
}

/// What a panic in a room's method does, within the room's [`Restart`]; beyond it the room is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnPanic {
    /// The state is dropped and `#[created]` makes another; the members stay.
    Fresh,
    /// The state stays as the panic left it. That of an async method is lost with it, and made afresh.
    Resume,
    /// The room is closed.
    Close,
    /// The room is closed, and so are its members' connections: the official client comes back and enters anew.
    Escalate,
}

/// What becomes of a room that nobody is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linger {
    /// It closes at once.
    Close,
    /// It closes after this time, unless somebody comes.
    For(Duration),
    /// It stays until it closes itself, or its server ends.
    Stay,
}

/// What members are told of their room by itself: the event `room_restarted` after a panic that it survived, `room_closed` when it ended
/// with members in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
pub struct RoomNotice {
    /// The name of its plain room.
    pub room: String,
    /// `panic`, or `closed` when it was the room's own will.
    pub reason: String,
}
