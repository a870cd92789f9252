//! Typed handlers: a struct is the state of one socket, its methods answer events.
//!
//! `#[derive(Handler)]` and `#[events]` write a table that is a `match`, known when the program is built: nothing is
//! registered, nothing is looked up behind a lock, and a connection carries none of it. The promises: events in the order
//! they came; every acknowledgement that a client asks for is answered exactly once, whatever goes wrong; a handler struct
//! is touched by one event at a time, so its methods take `&mut self`, also across `.await`.

mod answer;
mod arguments;
mod call;
mod client;
mod connect;
mod context;
mod fault;
mod guard;
mod layer;
mod mount;
mod namespace;
mod path;
mod room;
mod seated;
mod stale;
mod table;
#[cfg(test)]
mod tests;
mod validate;

pub use answer::Ack;
pub use call::Outcome;
#[cfg(feature = "testing")]
pub(crate) use client::List;
pub use client::{Contract, Target, ToClient, Untyped};
pub use connect::{Auth, Connect, FromConnect, Path};
pub use context::{Cx, FromContext, State};
pub use fault::{Fault, IntoFault, Result};
pub use layer::{EventInfo, Layer};
pub use namespace::Ns;
pub use room::{Departure, Entered, Linger, Member, OnPanic, Restart, Room, RoomCx, RoomNotice, RoomRef};
pub use validate::Validate;

/// A handler struct: what `#[derive(Handler)]` writes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler",
    label = "this type has events but no namespace",
    note = "add `#[derive(greenroom::Handler)]` to it"
)]
pub trait Handler: Sized + 'static {
    /// What all sockets of the namespace share, given at `mount_with`.
    type State: Clone + Send + Sync + 'static;
    /// What the server sends to these clients: a `#[client]` trait, or [`Untyped`].
    type Client: Contract;
    /// The namespace, or the pattern of namespaces, that it answers in.
    const NAMESPACE: &'static str;
    /// What the struct's doc comment says, for the catalogue.
    const DOCS: &'static str = "";
    /// The kinds of rooms that its sockets may enter, as pairs: `(Table, (Lobby, ()))`.
    type Rooms;
    /// The same, for events: those that it does not answer itself go there.
    const ROOMS: &'static [room::Hears] = &[];
}

/// Who is here, as a kind of room: see [`Presence`](presence::Presence).
pub mod presence {
    pub use super::room::{Connection, Here, People, Place, Presence, PresenceClient, PresenceDiff};
}

/// Bounds that the macros put on what handlers take and return.
pub(crate) mod bounds {
    pub use super::answer::Answer;
    pub use super::arguments::Payload;
    pub use super::client::Outgoing;
    pub use super::connect::DefaultStart;
    pub use super::fault::{Codes, Message};
    pub use super::guard::Verdict;
    pub use super::mount::NoState;
    pub use super::namespace::OneNamespace;
    pub use super::room::{
        Address, ByKey, BySeat, DefaultMember, DefaultRoom, DefaultSnapshot, Hears, IntoKey, RoomCall,
        RoomEnd, RoomEvents, RoomLeft, RoomLent, RoomMethod, RoomRun, RoomSees, RoomTick, Sits,
    };
    pub use super::table::Events;
}

/// What the macros name. Not for people.
#[doc(hidden)]
#[expect(unreachable_pub, reason = "reached through `greenroom::__private`")]
pub mod private {
    pub use super::arguments::{Arguments, take, take_last};
    pub use super::call::{Call, answer, good};
    pub use super::client::{Empty, and};
    pub use super::connect::{Starting, refuse_with, started};
    pub use super::context::{hook_failed, inject};
    pub use super::fault::{Codes, fault_of, message_of};
    pub use super::guard::guard;
    pub use super::room::{Hears, RoomCall, RoomLent, RoomMethod, RoomRun, RoomTask, disjoint};
    pub use super::table::{Absence, Farewell, Lease, Lent, Method, Return, Run, Welcome};
    pub use super::validate::{Check, Checked, Unchecked};
    pub use futures_core::future::LocalBoxFuture;
}
