//! What a listener may return, and keeping its panics in.

use std::future::Future;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use serde::Serialize;

use crate::socket::{AckFn, Sent, Task};
pub(crate) use crate::supervise::guarded;

/// Marks results that are there at once.
#[derive(Debug)]
pub struct Now(());
/// Marks futures.
#[derive(Debug)]
pub struct Later(());

/// The result of a listener: a value that answers the client, `()` for none, or a future of either. `M` is inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be what a listener returns",
    note = "return `()`, a value that implements `serde::Serialize` (the acknowledgement), or a future of either"
)]
pub trait Reply<M> {
    /// Answers now, or gives the work that will.
    #[doc(hidden)]
    fn reply(self, ack: AckFn) -> Option<Task>;
}

fn answer<T: Serialize>(value: &T, mut ack: AckFn) {
    // `()` says nothing: as in Node, an event is then acknowledged by its `AckFn` or not at all.
    if std::mem::size_of::<T>() != 0 || std::any::type_name::<T>() != "()" {
        ack.answer(value);
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> Reply<Now> for T {
    fn reply(self, ack: AckFn) -> Option<Task> {
        answer(&self, ack);
        None
    }
}

#[diagnostic::do_not_recommend]
impl<F> Reply<Later> for F
where
    F: Future + 'static,
    F::Output: Serialize,
{
    fn reply(self, ack: AckFn) -> Option<Task> {
        Some(Box::pin(async move {
            // Held across the await, so that a panic answers `internal` from its drop.
            let ack = ack;
            let value = self.await;
            answer(&value, ack);
        }))
    }
}

/// Marks listeners that end with an `emit`, and so say nothing themselves.
#[derive(Debug)]
pub struct Silent(());

impl Reply<Silent> for Sent {
    fn reply(self, _: AckFn) -> Option<Task> {
        None
    }
}

/// A future of user code. False when it panicked.
pub(crate) async fn guarded_task(task: Task) -> bool {
    AssertUnwindSafe(task).catch_unwind().await.is_ok()
}
