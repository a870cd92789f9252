//! The macros of greenroom: a struct becomes a handler, its methods answer events.
//!
//! Each macro is parse → model → check → expand, one file each. A mistake is reported at the word that is wrong, all mistakes
//! at once, and the user's item is always handed back, so that an editor keeps working inside it.

mod client;
mod docs;
mod duration;
mod events;
mod fault;
mod handler;
mod names;
mod report;
mod room;
mod types;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a struct the handler of a namespace: its value is the state of one connected client.
///
/// `#[handler(ns = "/chat", state = App, client = ChatClient)]`, all optional: the namespace, or a pattern such as
/// `/team/{id}`, is `/` if not given; `state` is what all clients share, given at `mount_with`; `client` is a `#[client]` trait.
#[proc_macro_derive(Handler, attributes(handler))]
pub fn derive_handler(input: TokenStream) -> TokenStream {
    handler::derive(&parse_macro_input!(input as DeriveInput)).into()
}

/// Makes a struct a kind of room: its value is the state of one live room.
///
/// `#[room(key = String, member = Seat, join = Sit, snapshot = Board, client = TableClient, name = "table", capacity = 6, linger = "30s", mailbox = 1024,
/// max = 100000, sequenced, restart(max = 3, within = "5s", backoff = "100ms"), on_panic = fresh)]`, all optional: what tells rooms of this
/// kind apart; what is kept for each member; what somebody who enters says, and is told; a `#[client]` trait; the bounds; and what a panic does: `fresh`,
/// `resume`, `close` or `escalate`. `restart(never)` closes the room at the first one.
#[proc_macro_derive(Room, attributes(room))]
pub fn derive_room(input: TokenStream) -> TokenStream {
    room::derive(&parse_macro_input!(input as DeriveInput)).into()
}

/// Gives every variant of an error enum a code that clients are told: the variant's name in snake case.
///
/// `#[fault(code = "…")]` names another; `#[fault(hidden)]` keeps the message on the server. The message is what `Display` says.
#[proc_macro_derive(Fault, attributes(fault))]
pub fn derive_fault(input: TokenStream) -> TokenStream {
    fault::derive(&parse_macro_input!(input as DeriveInput)).into()
}

/// Turns the methods of an `impl` into the answers of events.
///
/// `#[event]` on a method answers the event of its name, `#[event("chat message")]` the one named. Its parameters are the
/// arguments of the client's `emit`, what it returns is the acknowledgement. `#[connect]` makes the value of a new
/// connection, `#[connected]` runs when the client was told, `#[disconnect]` when it leaves for good, `#[fallback]` for events that
/// nothing else answers. With connection state recovery, `#[away]` runs when the transport is lost, and `#[recovered]` when the
/// client is back, before it is let in: it takes what `#[connect]` takes, and may refuse. `#[events(guard = Self::may)]` asks
/// before every event, `#[event(guard = …)]` before one. `#[events(catalogue)]` lets `Catalogue` describe them; every type that
/// travels then needs `schemars::JsonSchema`.
///
/// On the `impl` of a room, `#[created]` makes its state, `#[joining]` decides who may enter, `#[joined]` runs when somebody has, `#[left]` when it is
/// gone, `#[away]` and `#[back]` when its client is, `#[every("1s")]` again and again, `#[empty]` when nobody is left, `#[closed]` at the end. A block
/// without any of these, and without a `RoomCx` or a `Member`, says `#[events(room)]`.
#[proc_macro_attribute]
pub fn events(attr: TokenStream, item: TokenStream) -> TokenStream {
    events::attribute(attr.into(), &item.into()).into()
}

/// Lists what the server sends to clients: a trait becomes a struct with a method per event.
///
/// `async fn` means that the client acknowledges; what the function returns is its answer. `#[event("new message")]` names
/// the event when the method's name does not. `#[client(catalogue)]` lets `Catalogue` describe them.
#[proc_macro_attribute]
pub fn client(attr: TokenStream, item: TokenStream) -> TokenStream {
    client::attribute(&attr.into(), &item.into()).into()
}

macro_rules! only_inside_events {
    ($($(#[$doc:meta])* $name:ident)*) => { $(
        $(#[$doc])*
        #[proc_macro_attribute]
        pub fn $name(_: TokenStream, item: TokenStream) -> TokenStream {
            let sentence = concat!("`#[", stringify!($name), "]` only works inside an `impl` block marked `#[events]`");
            report::with_item(&item.into(), &report::here(sentence)).into()
        }
    )* };
}
only_inside_events! {
    /// Marks a method that answers an event; see [`macro@events`].
    event
    /// Marks the method that makes the value of a new connection; see [`macro@events`].
    connect
    /// Marks the method that runs when the client was told that it is connected; see [`macro@events`].
    connected
    /// Marks the method that runs when the transport is lost and the client may come back; see [`macro@events`].
    away
    /// Marks the method that runs when the client is back, before it is let in; see [`macro@events`].
    recovered
    /// Marks the method that runs when the client leaves for good; see [`macro@events`].
    disconnect
    /// Marks the method that makes the state of a room; see [`macro@events`].
    created
    /// Marks the method that decides who may enter a room; see [`macro@events`].
    joining
    /// Marks the method that runs when somebody has entered a room; see [`macro@events`].
    joined
    /// Marks the method that runs when a member is no longer in its room; see [`macro@events`].
    left
    /// Marks the method that runs when the client of a member is back; see [`macro@events`].
    back
    /// Marks a method of a room that runs again and again; see [`macro@events`].
    every
    /// Marks the method that runs when nobody is in a room any more; see [`macro@events`].
    empty
    /// Marks the method that runs before a room ends; see [`macro@events`].
    closed
    /// Marks the method for events that nothing else answers; see [`macro@events`].
    fallback
}
