//! Rooms as things of their own: a handle to one, what is kept with it, and (for kinds of rooms that a person writes) its actor.
//!
//! A plain room is an entry in the node's directory and, on each worker with members, one in the hall of its namespace. It has no task
//! and no mailbox: nothing of a plain room ever runs by itself, so the actor that works it is the hub of each worker, which
//! counts a member in and, by the guard on its seat, out. Delivery reads those entries and never asks the room.

mod actor;
mod behaviour;
mod plain;
mod post;
mod tie;

pub(crate) use actor::{Mail, RoomActor, drain};
pub use behaviour::Departure;
pub(crate) use behaviour::{Behaviour, Letter, Ticket};
pub use plain::PlainRoom;
pub(crate) use post::{Plan, Post};
pub(crate) use tie::RoomTie;
