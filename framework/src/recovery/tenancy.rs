//! One session that may be recovered, whoever has it.
//!
//! [`Ownership`] is the truth; whoever waits for a change of it looks again when told. Nothing is forgotten when a future is
//! dropped: a claim that was not taken up gives the session back.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::sync::{Notify, oneshot};

use super::{Claimed, Ownership};
use crate::engine::CloseReason;
use crate::id::Id;
use crate::worker::{HubInner, Line, Seat, Shown};

/// How long a transport has for a sign of life when somebody shows its session's private id.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

/// How long a newcomer waits for what becomes of another one that shows the same private id.
const OTHERS: Duration = Duration::from_secs(5);

/// A session's life across its connections. Kept by its socket, on the socket's worker.
pub(crate) struct Tenancy {
    /// A secret: whoever knows it can become the client.
    pid: Id,
    ownership: Cell<Ownership>,
    changed: Notify,
    lost_at: Cell<Option<Instant>>,
    /// How often it has gone away: who kept it before keeps it no more.
    stays: Cell<u64>,
    /// A newcomer holds a claim; until it is dropped the state may be with it.
    is_claimed: Cell<bool>,
    heir: RefCell<Option<oneshot::Sender<()>>>,
}

impl std::fmt::Debug for Tenancy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tenancy").field("ownership", &self.ownership).finish_non_exhaustive()
    }
}

/// Why a session that was away needs no keeper any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// A newcomer has it.
    Returned,
    /// Its time is up.
    Expired,
    /// The server ended it.
    Ended,
}

impl Tenancy {
    pub(crate) fn new(pid: Id) -> Rc<Self> {
        Rc::new(Self {
            pid,
            ownership: Cell::default(),
            changed: Notify::new(),
            lost_at: Cell::default(),
            stays: Cell::default(),
            is_claimed: Cell::default(),
            heir: RefCell::default(),
        })
    }

    /// The private id, for the client's CONNECT packet alone.
    pub(crate) fn expose_pid(&self) -> &str {
        self.pid.as_str()
    }

    pub(crate) fn is_known_by(&self, pid: &Id) -> bool {
        self.pid.is_secretly(pid)
    }

    fn step<R>(&self, step: impl FnOnce(&mut Ownership) -> R) -> R {
        let mut ownership = self.ownership.get();
        let said = step(&mut ownership);
        self.ownership.set(ownership);
        self.changed.notify_waiters();
        said
    }

    /// The transport is lost; the session may come back.
    pub(crate) fn lost(&self, now: Instant) {
        self.lost_at.set(Some(now));
        self.step(Ownership::lost);
    }

    /// When its transport was lost last.
    pub(crate) fn lost_at(&self) -> Option<Instant> {
        self.lost_at.get()
    }

    /// It stays when the connection has handled all.
    pub(crate) fn is_closing(&self) -> bool {
        matches!(self.ownership.get(), Ownership::Closing | Ownership::Promised)
    }

    /// It ends for good, whoever has it.
    pub(crate) fn end(&self) {
        self.step(Ownership::end);
        self.heir.take();
    }

    /// The connection has handled all that had come. The number of this stay, for its keeper.
    pub(crate) fn parted(&self) -> u64 {
        self.stays.set(self.stays.get() + 1);
        let goes_on = self.step(Ownership::parted);
        if let Some(heir) = self.heir.take()
            && goes_on
        {
            let _ = heir.send(());
        }
        self.stays.get()
    }

    /// Resolves when the session needs no keeper any more in this stay.
    pub(crate) async fn keep(&self, stay: u64, until: Instant) -> Kept {
        loop {
            if self.stays.get() != stay {
                return Kept::Returned;
            }
            match self.ownership.get() {
                Ownership::Away => {
                    let time_is_up = tokio::time::sleep_until(until.into());
                    tokio::select! {
                        () = self.changed.notified() => {}
                        () = time_is_up => if self.step(Ownership::expire) { return Kept::Expired },
                    }
                }
                Ownership::Claimed => self.changed.notified().await,
                Ownership::Over if self.is_claimed.get() => self.changed.notified().await,
                Ownership::Over => return Kept::Ended,
                Ownership::Held | Ownership::Asked | Ownership::Closing | Ownership::Promised => {
                    return Kept::Returned;
                }
            }
        }
    }

    /// A newcomer wants it. `None`: it is to get a session of its own.
    pub(crate) async fn claim(
        self: Rc<Self>,
        hub: Rc<HubInner>,
        seat: Rc<Seat>,
        shown: Shown,
    ) -> Option<Claim> {
        seat.resume_from(&hub, shown)?;
        let claimed = self.stake(Instant::now() + OTHERS).await?;
        self.is_claimed.set(true);
        let (tx, promised) = oneshot::channel();
        *self.heir.borrow_mut() = Some(tx);
        let claim = Claim { tenancy: self, hub: hub.clone(), seat, shown };
        if claimed == Claimed::Ask {
            let line = claim.seat.line().clone();
            if is_alive(&hub, &line).await {
                return None;
            }
            hub.close(&line, CloseReason::PingTimeout);
        }
        if claimed != Claimed::Now {
            promised.await.ok()?;
        }
        Some(claim)
    }

    /// Waits for what becomes of another newcomer: a client that flaps is its own rival.
    async fn stake(&self, until: Instant) -> Option<Claimed> {
        loop {
            let claimed = self.step(Ownership::claim);
            let ownership = self.ownership.get();
            let in_transit = matches!(ownership, Ownership::Asked | Ownership::Promised | Ownership::Claimed);
            match claimed {
                Claimed::No if in_transit => {
                    tokio::time::timeout_at(until.into(), self.changed.notified()).await.ok()?;
                }
                Claimed::No => return None,
                claimed => return Some(claimed),
            }
        }
    }
}

/// Whether a transport answers in time. One that is held back because its events wait answers late: its silence proves nothing.
async fn is_alive(hub: &HubInner, line: &Rc<Line>) -> bool {
    let answer = tokio::time::timeout(SIGN_OF_LIFE, line.ask(hub)).await;
    match answer {
        Ok(answer) => answer.is_ok(),
        Err(_) => !line.is_closed() && !line.reading.get(),
    }
}

/// A session in the hands of a newcomer. Dropped before it has a seat, the session is away again.
#[derive(Debug)]
pub(crate) struct Claim {
    tenancy: Rc<Tenancy>,
    hub: Rc<HubInner>,
    pub(crate) seat: Rc<Seat>,
    shown: Shown,
}

impl Claim {
    pub(crate) fn tenancy(&self) -> &Rc<Tenancy> {
        &self.tenancy
    }

    /// The packet behind which the newcomer goes on. `None` when the session was ended meanwhile, or when it cannot be told any more
    /// all that it missed.
    pub(crate) fn resume_from(&self) -> Option<u64> {
        let claimed = self.tenancy.ownership.get() == Ownership::Claimed;
        claimed.then(|| self.seat.resume_from(&self.hub, self.shown)).flatten()
    }

    /// The newcomer is in.
    pub(crate) fn seated(&self) {
        self.tenancy.step(Ownership::seated);
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // Of no effect once it is seated.
        self.tenancy.heir.take();
        self.tenancy.is_claimed.set(false);
        self.tenancy.step(Ownership::unclaim);
    }
}
