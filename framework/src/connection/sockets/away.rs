//! A socket whose transport is lost and whose client may come back: the hooks, the wait, the return.
//!
//! The seat stays, with its rooms; what is sent to it waits in the log. A task of its own keeps it until its client is back, its
//! time is up, or the server ends it.

use std::rc::Rc;

use actix::Context;
use bytestring::ByteString;

use super::super::tunnel::Tunnel;
use super::super::{Connection, Done};
use super::credentials::{self, Credentials};
use super::leaving::{farewell, hook};
use crate::event::guarded;
use crate::namespace::Population;
use crate::protocol::socket::Packet;
use crate::recovery::{Claim, Kept};
use crate::socket::{Disconnect, SocketCell};
use crate::worker::HubInner;

/// A socket that is being let in again.
pub(super) struct Returning {
    pub(super) claim: Rc<Claim>,
    /// What it was before, and is again if it is not let in.
    before: Rc<SocketCell>,
}

impl Returning {
    /// Gives what it was over to what it will be.
    pub(super) fn begin(claim: Rc<Claim>, before: Rc<SocketCell>, after: &SocketCell) -> Box<Self> {
        if let Some(state) = before.dispatch.hand_on() {
            after.dispatch.take_over(state);
        }
        Box::new(Self { claim, before })
    }

    /// It was not let in: its session is away again.
    pub(super) fn undo(self) {
        self.claim.seat.seat(self.before);
    }

    /// What it was let in with, or not, has panicked: what that left half done must not come back.
    pub(super) fn end_if_broken(&self) {
        if self.before.dispatch.is_broken() {
            self.before.end();
        }
    }
}

impl Connection {
    /// A client that says it was here. With no claim it gets a session of its own.
    pub(super) fn come_back(
        &mut self,
        credentials: Credentials,
        population: Population,
        auth: Option<ByteString>,
        ctx: &mut Context<Self>,
    ) {
        let hub = self.hub.clone();
        let name = ByteString::from(&*population.core.space.name);
        let place = hub.fleet.ids.place(&credentials.pid).filter(|place| place.worker == hub.worker);
        let seat = place.and_then(|place| hub.seat_at(place.slot));
        let seat = seat.filter(|seat| seat.hall.space.id == population.core.space.id);
        let found = seat.and_then(|seat| {
            let tenancy = SocketCell::of(&seat)?.tenancy.clone()?;
            tenancy.is_known_by(&credentials.pid).then_some((seat, tenancy))
        });
        let Some((seat, tenancy)) = found else { return self.seat(population, auth, None, ctx) };
        if let Some(sockets) = self.sockets() {
            sockets.asking.push(name.clone());
        }
        let claim = tenancy.claim(hub, seat, credentials.shown);
        self.begin(async move { Done::Claimed { name, population, auth, claim: claim.await } }, ctx);
    }

    /// The other worker that a session is on.
    pub(super) fn elsewhere(&self, credentials: &Credentials) -> Option<u16> {
        let worker = self.hub.fleet.ids.place(&credentials.pid)?.worker;
        (worker != self.hub.worker && !self.line.is_far.get() && self.hub.fleet.is_live(worker))
            .then_some(worker)
    }

    /// Another worker serves the namespace from here on; if it can't, the client gets a session of its own.
    pub(in crate::connection) fn dug(
        &mut self,
        namespace: &ByteString,
        auth: Option<ByteString>,
        tunnel: Option<Tunnel>,
        ctx: &mut Context<Self>,
    ) {
        let Some(sockets) = self.sockets() else { return };
        sockets.asking.retain(|asked| asked != namespace);
        if self.line.is_closed() {
            return;
        }
        match tunnel {
            Some(tunnel) => {
                tunnel.pass(Packet::Connect { namespace: namespace.clone(), auth });
                if let Some(sockets) = self.sockets() {
                    sockets.tunnels.push(tunnel);
                }
            }
            None => {
                let (auth, _) = credentials::take(auth, false);
                self.find_namespace(namespace.clone(), auth, None, ctx);
            }
        }
    }

    pub(in crate::connection) fn claimed(
        &mut self,
        name: &ByteString,
        population: Population,
        auth: Option<ByteString>,
        claim: Option<Claim>,
        ctx: &mut Context<Self>,
    ) {
        if let Some(sockets) = self.sockets() {
            sockets.asking.retain(|asked| asked != name);
        }
        if !self.line.is_closed() {
            self.seat(population, auth, claim, ctx);
        }
    }
}

/// The client is gone, perhaps for good.
pub(super) async fn absence(cell: &SocketCell, reason: Disconnect) {
    if !hook(cell, "(away)", guarded(|| cell.dispatch.away(&cell.socket, reason))).await {
        // What it left half done must not come back.
        cell.end();
    }
    crate::trace::went_away(cell.socket.namespace(), cell.socket.id(), reason.as_str());
}

/// Keeps a socket whose connection has ended.
pub(super) fn keep(hub: Rc<HubInner>, cell: Rc<SocketCell>, population: Population, reason: Disconnect) {
    let Some((tenancy, recovery)) = cell.tenancy.clone().zip(hub.settings.recovery) else { return };
    let stay = tenancy.parted();
    let until = cell.lost_at() + recovery.max_disconnection_duration;
    let keeper = Keeper { hub, cell, _population: population, is_done: false };
    actix_rt::spawn(async move {
        let reason = match tenancy.keep(stay, until).await {
            Kept::Returned => None,
            Kept::Expired => Some(reason),
            Kept::Ended => Some(Disconnect::ServerNamespaceDisconnect),
        };
        if let Some(reason) = reason {
            keeper.cell.mark_left();
            farewell(keeper.hub.clone(), keeper.cell.clone(), reason).await;
        }
        keeper.retire();
    });
}

/// What a socket that is away lives on. If its worker goes down under it, nothing of it stays behind.
struct Keeper {
    hub: Rc<HubInner>,
    cell: Rc<SocketCell>,
    /// Its namespace stays as long.
    _population: Population,
    is_done: bool,
}

impl Keeper {
    fn retire(mut self) {
        self.is_done = true;
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        if !self.is_done {
            self.cell.mark_left();
            self.cell.end();
            self.hub.vacate(&self.cell.seat);
        }
    }
}

/// Ends all sessions of this worker that wait for their clients.
pub(crate) fn end_all(hub: &Rc<HubInner>) {
    for seat in hub.seats() {
        let cell = SocketCell::of(&seat).filter(|_| seat.away.get());
        if let Some(tenancy) = cell.and_then(|cell| cell.tenancy.clone()) {
            tenancy.end();
        }
    }
}

/// A private id for a new session.
pub(super) fn tenancy(hub: &HubInner, key: u32) -> Option<Rc<crate::recovery::Tenancy>> {
    hub.settings.recovery.map(|_| crate::recovery::Tenancy::new(hub.fleet.ids.make(hub.place(key))))
}
