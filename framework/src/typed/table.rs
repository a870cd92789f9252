//! The table that `#[events]` writes: names to methods, known when the program is built.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use futures_core::future::LocalBoxFuture;

use super::Handler;
use super::call::{Call, Outcome};
use super::connect::{Connect, Starting};
use super::context::Cx;
use crate::error::Refuse;
use crate::socket::Disconnect;
use crate::socket::Task;

/// How a method runs.
pub enum Run<H: Handler> {
    /// In place.
    Sync(fn(&mut H, &Call<H>) -> Outcome),
    /// With the state in the future, until it gives it back. Later events wait.
    Exclusive(fn(Lent<H>, Call<H>) -> Task),
    /// Beside the socket's other events, without the state; guards see it before.
    Free(fn(&H, Call<H>) -> Option<Task>),
}

impl<H: Handler> fmt::Debug for Run<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sync(_) => "Sync",
            Self::Exclusive(_) => "Exclusive",
            Self::Free(_) => "Free",
        })
    }
}

/// Where the state lives between events.
pub(super) type Home<H> = Rc<Cell<Option<Box<H>>>>;

/// The state of a socket, lent to one future. Dropped, it goes home; in a panic it is dropped itself: what that left half done is
/// seen by nobody.
pub struct Lent<H> {
    /// The state.
    pub state: Lease<H>,
}

/// See [`Lent`].
pub struct Lease<H> {
    state: Option<Box<H>>,
    home: Home<H>,
}

impl<H> fmt::Debug for Lease<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lease")
    }
}

#[expect(clippy::expect_used, reason = "the state is taken out by `drop` alone")]
impl<H> std::ops::Deref for Lease<H> {
    type Target = H;

    fn deref(&self) -> &H {
        self.state.as_deref().expect("lent")
    }
}

#[expect(clippy::expect_used, reason = "the state is taken out by `drop` alone")]
impl<H> std::ops::DerefMut for Lease<H> {
    fn deref_mut(&mut self) -> &mut H {
        self.state.as_deref_mut().expect("lent")
    }
}

impl<H> Drop for Lease<H> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.home.set(self.state.take());
        }
    }
}

impl<H> fmt::Debug for Lent<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lent")
    }
}

impl<H> Lent<H> {
    pub(super) fn from_home(home: &Home<H>) -> Option<Self> {
        let state = Some(home.take()?);
        Some(Self { state: Lease { state, home: home.clone() } })
    }

    /// The next event may have it.
    pub fn give_back(self) {
        drop(self);
    }
}

/// One event.
#[derive(Debug)]
pub struct Method<H: Handler> {
    /// What runs.
    pub run: Run<H>,
}

/// A `#[connected]` method.
pub type Welcome<H> = fn(Lent<H>, Cx<H>) -> Option<Task>;

/// An `#[away]` method.
pub type Absence<H> = fn(Lent<H>, Cx<H>, Disconnect) -> Option<Task>;

/// A `#[recovered]` method.
pub type Return<H> = fn(Lent<H>, Connect<H>) -> LocalBoxFuture<'static, Result<(), Refuse>>;

/// A `#[disconnect]` method. The state ends with it.
pub type Farewell<H> = fn(Box<H>, Cx<H>, Disconnect) -> Option<Task>;

/// What `#[events]` writes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` handles no events",
    label = "no `#[events]` block",
    note = "write `#[greenroom::events] impl {Self} {{ .. }}`"
)]
pub trait Events: Handler + Send {
    /// One method for each event, on the side of the client that sends it.
    #[cfg(feature = "testing")]
    type Calls;

    /// The events that it answers by name.
    const NAMES: &'static [&'static str] = &[];
    /// What answers names that nobody else does.
    const FALLBACK: Option<Method<Self>> = None;
    /// Runs right after the client was told that it is connected.
    const CONNECTED: Option<Welcome<Self>> = None;
    /// Runs when the transport is lost and the client may come back.
    const AWAY: Option<Absence<Self>> = None;
    /// Runs before a client that is back is let in.
    const RECOVERED: Option<Return<Self>> = None;
    /// Runs while the client leaves.
    const DISCONNECT: Option<Farewell<Self>> = None;

    /// The method that answers this event.
    fn lookup(name: &str) -> Option<&'static Method<Self>>;

    /// Makes the state of a new connection.
    fn connect(cx: Connect<Self>) -> Starting<Self>;
}
