//! Connection state recovery: how long a session is kept, and who has it.
//!
//! A client that lost its network comes back with the same id, rooms and data, and gets what it missed, exactly once and
//! in order. What was delivered is remembered by each worker's log ([`worker`](crate::worker)); a session that is away stays on
//! its worker, with its seat and its rooms. Here is the rule of one owner
//! ([`Ownership`]); the options are [`Recovery`](crate::Recovery).
//!
//! Refuses to be a promise of delivery: beyond the bounds of time and size a client starts afresh, and is told so
//! (`socket.recovered` is false), so an app must be able to do without.

mod ownership;
mod tenancy;

use ownership::{Claimed, Ownership};
pub(crate) use tenancy::{Claim, Kept, Tenancy};

#[cfg(test)]
mod model;
