//! What `#[events]` writes for a room.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use futures_core::future::LocalBoxFuture;

use super::{Departure, Linger, Member, Room, RoomCall, RoomCx};
use crate::socket::{Socket, Task};
use crate::typed::{Fault, Outcome};

/// Where the state is between calls. A panic of a call that borrows it leaves it here, to be dropped when nothing unwinds.
pub(super) type Home<R> = Rc<RefCell<Option<Box<R>>>>;

/// The state of a room, lent to one future.
pub struct RoomLent<R> {
    /// The state.
    pub state: Box<R>,
    home: Home<R>,
}

impl<R> fmt::Debug for RoomLent<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RoomLent")
    }
}

impl<R> RoomLent<R> {
    pub(super) fn from_home(home: &Home<R>) -> Option<Self> {
        Some(Self { state: home.take()?, home: home.clone() })
    }

    /// The next call may have it.
    pub fn give_back(self) {
        *self.home.borrow_mut() = Some(self.state);
    }
}

/// A future of a room's method.
pub type RoomTask = Task;

/// How a method runs.
pub enum RoomRun<R: Room> {
    /// In place.
    Sync(fn(&mut R, &RoomCall<R>) -> Outcome),
    /// With the state in the future, until it gives it back. Whatever else comes to the room waits.
    Exclusive(fn(RoomLent<R>, RoomCall<R>) -> RoomTask),
}

impl<R: Room> fmt::Debug for RoomRun<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sync(_) => "Sync",
            Self::Exclusive(_) => "Exclusive",
        })
    }
}

/// One event of a room.
#[derive(Debug)]
pub struct RoomMethod<R: Room> {
    /// What runs.
    pub run: RoomRun<R>,
}

/// A timer: how often, and what runs.
pub type RoomTick<R> = (Duration, fn(&mut R, &RoomCx<R>));

/// An `#[away]` or a `#[back]` method.
pub type RoomSees<R> = fn(&mut R, &RoomCx<R>, &Member<R>);

/// A `#[left]` method.
pub type RoomLeft<R> = fn(&mut R, &RoomCx<R>, &Member<R>, Departure);

/// A `#[closed]` method.
pub type RoomEnd<R> = fn(RoomLent<R>, RoomCx<R>) -> RoomTask;

/// Rooms without `#[created]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say how a room starts",
    label = "no `#[created]` method and no `Default`",
    note = "add `#[created] fn created(cx: &RoomCx<Self>) -> Self` to the `#[events]` block",
    note = "or derive `Default` if every room starts the same"
)]
pub trait DefaultRoom: Sized {
    /// The state of a new room.
    fn start() -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Default> DefaultRoom for T {
    fn start() -> Self {
        Self::default()
    }
}

/// Rooms without `#[joining]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what is kept for a member",
    label = "no `#[joining]` method",
    note = "add `#[joining] fn joining(&mut self, join: Join) -> Member` to the `#[events]` block",
    note = "or make `join` into `member` by `Into`"
)]
pub trait DefaultMember: Room {
    /// What is kept for somebody who says this.
    fn member(join: Self::Join) -> Self::Member;
}

impl<R: Room<Join: Into<R::Member>>> DefaultMember for R {
    fn member(join: Self::Join) -> Self::Member {
        join.into()
    }
}

/// Rooms without `#[joined]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what somebody who has entered is told",
    label = "no `#[joined]` method",
    note = "add `#[joined] fn joined(&mut self, who: &Member<Self>) -> Snapshot` to the `#[events]` block"
)]
pub trait DefaultSnapshot: Room {
    /// What everybody is told.
    fn snapshot() -> Self::Snapshot;
}

impl<R: Room<Snapshot: Default>> DefaultSnapshot for R {
    fn snapshot() -> Self::Snapshot {
        Self::Snapshot::default()
    }
}

/// What `#[events]` writes for a room.
#[diagnostic::on_unimplemented(
    message = "the room `{Self}` has no `#[events]` block",
    label = "nothing makes its state",
    note = "write `#[greenroom::events] impl {Self} {{ .. }}` with a `#[created]` method, or derive `Default`"
)]
pub trait RoomEvents: Room {
    /// One method for each event, on the side of the client that sends it.
    #[cfg(feature = "testing")]
    type Calls;

    /// The events that members may send to it.
    const NAMES: &'static [&'static str];
    /// Timers: how often, and what runs.
    const TICKS: &'static [RoomTick<Self>] = &[];
    /// Runs when a member is no longer in the room.
    const LEFT: Option<RoomLeft<Self>> = None;
    /// Runs when a member's transport is lost and its client may come back.
    const AWAY: Option<RoomSees<Self>> = None;
    /// Runs when the client of a member that was away is back.
    const BACK: Option<RoomSees<Self>> = None;
    /// Runs when the last member has left.
    const EMPTY: Option<fn(&mut Self, &RoomCx<Self>) -> Linger> = None;
    /// Runs before the room ends.
    const CLOSED: Option<RoomEnd<Self>> = None;

    /// The method that answers this event.
    fn lookup(name: &str) -> Option<&'static RoomMethod<Self>>;

    /// Makes the state: of a new room, and again after a panic.
    fn created(cx: RoomCx<Self>) -> LocalBoxFuture<'static, Result<Self, Fault>>;

    /// Decides whether somebody may enter, and makes what is kept for it.
    ///
    /// # Errors
    /// Why it may not.
    fn joining(
        &mut self,
        cx: &RoomCx<Self>,
        socket: &Socket,
        join: Self::Join,
    ) -> Result<Self::Member, Fault>;

    /// Somebody has entered; what it is told.
    fn joined(&mut self, cx: &RoomCx<Self>, who: &Member<Self>) -> Self::Snapshot;
}
