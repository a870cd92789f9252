//! Supervision that survives a panic: an actor is polled under `catch_unwind`, and started again in place.
//!
//! actix's own `Supervisor` starts an actor again that has stopped; a panic ends it, with its mailbox. Here a panic costs what the actor
//! itself says it costs (`Supervised::restarting`): its addresses stay good, and messages that wait are handled when it is back. How
//! often that may happen is a [`Budget`]; beyond it the actor ends, and whoever started it is told. Needs `panic = "unwind"`; a
//! `Drop` that panics while another panic unwinds ends the process, as everywhere in Rust.

mod batches;
mod budget;
mod supervisor;
#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};

pub(crate) use batches::in_batches;
pub(crate) use budget::Budget;
#[cfg(test)]
pub(crate) use supervisor::End;
pub(crate) use supervisor::start;

/// Runs code that may panic. `None` when it did.
pub(crate) fn guarded<R>(f: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(f)).ok()
}
