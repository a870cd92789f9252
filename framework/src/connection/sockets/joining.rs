//! A client's way into a namespace: who it is for, a seat, the middleware, the welcome.

use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use actix::Context;
use bytestring::ByteString;
use futures_util::FutureExt;

use super::super::{Connection, Done};
use super::away::{self, Returning};
use super::credentials::{self, Credentials};
use super::{Phase, Stage};
use crate::engine::CloseReason;
use crate::error::Refuse;
use crate::event::guarded;
use crate::id::SocketId;
use crate::namespace::{Population, Resolution, Rules, Step, Verdict};
use crate::protocol::socket::Kind;
use crate::recovery::Claim;
use crate::socket::{Handshake, Identity, Socket, SocketCell, Task};
use crate::worker::{Frame, HubInner, Seat};

/// Unknown namespaces that one connection may ask for.
const STRAY_CONNECTS: u32 = 64;

impl Connection {
    pub(super) fn connect(&mut self, name: ByteString, auth: Option<ByteString>, ctx: &mut Context<Self>) {
        let Some(sockets) = self.sockets() else { return };
        // A second CONNECT to a namespace that is joined or being joined is out of order.
        if sockets.find(&name).is_some() || sockets.asking.contains(&name) {
            self.hub.close(&self.line, CloseReason::ForcedServerClose);
            return;
        }
        sockets.kicked.retain(|kicked| *kicked != name);
        if sockets.stages.len() + sockets.asking.len() + sockets.tunnels.len() >= sockets.io.max_namespaces {
            self.refuse(&name, None, &Refuse::because("Too many namespaces"));
            return;
        }
        let recovery = self.hub.settings.recovery;
        let whole = auth.clone();
        let (auth, credentials) = match recovery {
            Some(recovery) => credentials::take(auth, recovery.before_first_event),
            None => (auth, None),
        };
        if let Some(worker) = credentials.and_then(|credentials| self.elsewhere(&credentials)) {
            return self.dig(worker, name, whole, ctx);
        }
        self.find_namespace(name, auth, credentials, ctx);
    }

    pub(super) fn find_namespace(
        &mut self,
        name: ByteString,
        auth: Option<ByteString>,
        credentials: Option<Credentials>,
        ctx: &mut Context<Self>,
    ) {
        let Some(sockets) = self.sockets() else { return };
        match sockets.io.registry.resolve(&name, auth.as_deref().unwrap_or("{}")) {
            Resolution::Found(population) => self.find_seat(credentials, population, auth, ctx),
            Resolution::Unknown => self.stray(&name),
            Resolution::Ask(question) => {
                sockets.asking.push(name.clone());
                let question = std::panic::AssertUnwindSafe(question).catch_unwind();
                self.begin(
                    async move { Done::Asked { name, auth, credentials, found: question.await.ok().flatten() } },
                    ctx,
                );
            }
        }
    }

    pub(in crate::connection) fn asked(
        &mut self,
        name: &ByteString,
        auth: Option<ByteString>,
        credentials: Option<Credentials>,
        found: Option<Population>,
        ctx: &mut Context<Self>,
    ) {
        if let Some(sockets) = self.sockets() {
            sockets.asking.retain(|asked| asked != name);
        }
        match found {
            _ if self.line.is_closed() => {}
            Some(population) => self.find_seat(credentials, population, auth, ctx),
            None => self.stray(name),
        }
    }

    fn find_seat(
        &mut self,
        credentials: Option<Credentials>,
        population: Population,
        auth: Option<ByteString>,
        ctx: &mut Context<Self>,
    ) {
        match credentials {
            Some(credentials) => self.come_back(credentials, population, auth, ctx),
            None => self.seat(population, auth, None, ctx),
        }
    }

    fn stray(&mut self, name: &ByteString) {
        let Some(sockets) = self.sockets() else { return };
        sockets.strays += 1;
        if sockets.strays > STRAY_CONNECTS {
            self.hub.close(&self.line, CloseReason::ForcedServerClose);
        } else {
            self.refuse(name, None, &Refuse::because("Invalid namespace"));
        }
    }

    /// `id`: of the socket, where there is one already.
    pub(super) fn refuse(&self, namespace: &str, id: Option<SocketId>, refuse: &Refuse) {
        crate::trace::refused(namespace, id, refuse, refuse.hidden().is_some());
        let frame = Frame::packet(Kind::ConnectError, namespace, None, |out| {
            refuse.write(out)?;
            Ok::<_, serde_json::Error>(Vec::new())
        });
        if let Ok(frame) = frame {
            self.line.offer(&self.hub, frame, false);
        }
    }

    /// Makes the socket and sends it through the middleware. With a `claim` it is one that was away.
    pub(super) fn seat(
        &mut self,
        population: Population,
        auth: Option<ByteString>,
        claim: Option<Claim>,
        ctx: &mut Context<Self>,
    ) {
        let (hub, line) = (self.hub.clone(), self.line.clone());
        let Some(sockets) = self.sockets() else { return };
        let space = population.core.space.clone();
        let claim = claim.map(Rc::new);
        let before = claim.as_ref().and_then(|claim| SocketCell::of(&claim.seat));
        let seat = match &claim {
            Some(claim) => Some(claim.seat.clone()),
            None => hub.take_seat(&space, &line),
        };
        let Some(seat) = seat else {
            self.refuse(&space.name, None, &Refuse::because("Server is full"));
            return;
        };
        // A copy: nothing of the packet stays.
        let auth = auth.map(|auth| Box::from(&*auth));
        let handshake = Handshake::new(sockets.request.clone(), auth);
        let socket = handle(&hub, &seat, handshake, before.as_deref());
        let rules = population.core.rules();
        let tenancy = match &claim {
            Some(claim) => Some(claim.tenancy().clone()),
            None => away::tenancy(&hub, seat.key),
        };
        let dispatch = rules.dispatch(&population.core);
        let cell = SocketCell::new(&hub, &seat, socket.clone(), dispatch, tenancy);
        line.attach(cell.clone());
        let everywhere = sockets.io.registry.steps_everywhere();
        // Until the middleware is done or dropped: till then the state may be with it.
        let held = claim.clone();
        let returning = claim.zip(before).map(|(claim, before)| Returning::begin(claim, before, &cell));
        let (returns, skips) =
            (returning.is_some(), hub.settings.recovery.is_some_and(|r| r.skip_middlewares));
        let dispatch = cell.dispatch.clone();
        sockets.stages.push(Stage {
            cell,
            population,
            phase: Phase::Joining,
            waiting: None,
            busy: false,
            returning,
        });
        let id = seat.id;
        let screening = async move {
            let _held = held;
            if !(returns && skips) {
                screen(&socket, &everywhere).await?;
                screen(&socket, &rules.steps).await?;
            }
            let last =
                guarded(|| if returns { dispatch.returning(&socket) } else { dispatch.connecting(&socket) });
            word_of(&socket, last.map(|word| word.map(Verdict::Later))).await
        };
        self.begin(async move { Done::Screened { id, verdict: screening.await } }, ctx);
    }

    pub(in crate::connection) fn screened(
        &mut self,
        id: SocketId,
        verdict: Result<(), Refuse>,
        ctx: &mut Context<Self>,
    ) {
        let (hub, line) = (self.hub.clone(), self.line.clone());
        let Some(sockets) = self.sockets() else { return };
        let Some(at) = sockets.by_id(id) else { return };
        let Some(stage) = sockets.stages.get_mut(at) else { return };
        if stage.phase != Phase::Joining || line.is_closed() {
            self.forget(id, ctx);
            return;
        }
        let (cell, welcomes) = (stage.cell.clone(), stage.population.core.rules());
        let name = stage.population.core.space.name.clone();
        if let Err(refuse) = verdict {
            if let Some(returning) = &stage.returning {
                returning.end_if_broken();
            }
            self.forget(id, ctx);
            self.refuse(&name, Some(id), &refuse);
            return;
        }
        let missed = match stage.returning.take() {
            None => {
                hub.admit(&cell.seat);
                None
            }
            Some(returning) => {
                let Some(from) = returning.claim.resume_from() else {
                    // While it was in middleware what it missed went from the log, or the server ended the session: it comes again,
                    // and starts afresh.
                    stage.returning = Some(returning);
                    self.forget(id, ctx);
                    self.hub.close(&line, CloseReason::ForcedClose);
                    return;
                };
                returning.claim.seated();
                Some(cell.seat.come_back(&line, from))
            }
        };
        stage.phase = Phase::Joined;
        stage.busy = true;
        let returns = missed.is_some();
        // In this order: connected, in its own room, told so; then the app's code, whose events follow the CONNECT packet.
        line.offer(&hub, connect_frame(&cell), false);
        // Behind the CONNECT packet, unlike the reference: a client keeps what comes before it for the next one if the connection is cut
        // in between, and would see it twice.
        line.replay(&hub, missed.into_iter().flatten());
        line.joined();
        crate::trace::connected(&name, cell.socket.id());
        self.welcome(&cell, &welcomes, returns, ctx);
    }

    /// The app's code for a socket that is in; its events wait for it.
    fn welcome(&mut self, cell: &Rc<SocketCell>, rules: &Rules, returns: bool, ctx: &mut Context<Self>) {
        let id = cell.seat.id;
        let mut tasks = Vec::new();
        match guarded(|| if returns { None } else { cell.dispatch.connected(&cell.socket) }) {
            Some(task) => tasks.extend(task),
            None => return self.work_done(id, false, "(connected)", ctx),
        }
        for welcome in &rules.welcomes {
            match guarded(|| welcome(cell.socket.clone())) {
                Some(task) => tasks.extend(task),
                None => return self.work_done(id, false, "(connection)", ctx),
            }
        }
        if tasks.is_empty() {
            self.work_done(id, true, "(connection)", ctx);
        } else {
            let all: Task = Box::pin(async move {
                for task in tasks {
                    task.await;
                }
            });
            self.work(id, all, "(connection)".into(), ctx);
            self.go_through(id, ctx);
        }
    }

    /// Takes a socket out that never was connected: no hooks run.
    pub(super) fn forget(&mut self, id: SocketId, ctx: &mut Context<Self>) {
        let (hub, line) = (self.hub.clone(), self.line.clone());
        if let Some(sockets) = self.sockets()
            && let Some(at) = sockets.by_id(id)
        {
            let stage = sockets.stages.remove(at);
            line.detach(&stage.cell);
            stage.cell.mark_left();
            stage.cell.fail_answers();
            match stage.returning {
                Some(returning) => returning.undo(),
                None => hub.vacate(&stage.cell.seat),
            }
        }
        self.finish_if_idle(ctx);
    }
}

/// The handle of a socket, with what it kept of before if it was away.
fn handle(hub: &HubInner, seat: &Seat, handshake: Handshake, before: Option<&SocketCell>) -> Socket {
    Socket(Arc::new(Identity {
        id: seat.id,
        worker: hub.worker,
        key: seat.key,
        fleet: hub.fleet.clone(),
        space: seat.hall.space.clone(),
        card: seat.card.clone(),
        handshake,
        kept: before.map_or_else(OnceLock::new, |before| before.socket.0.kept().clone().into()),
        recovered: before.is_some(),
        life: before.map_or(0, |before| before.socket.0.life.wrapping_add(1)),
    }))
}

fn connect_frame(cell: &SocketCell) -> Frame {
    let connect = Frame::packet(Kind::Connect, cell.socket.namespace(), None, |out| {
        out.extend_from_slice(b"{\"sid\":\"");
        out.extend_from_slice(cell.socket.id().as_str().as_bytes());
        if let Some(tenancy) = &cell.tenancy {
            out.extend_from_slice(b"\",\"pid\":\"");
            out.extend_from_slice(tenancy.expose_pid().as_bytes());
        }
        out.extend_from_slice(b"\"}");
        Ok::<_, std::convert::Infallible>(Vec::new())
    });
    let Ok(frame) = connect;
    frame
}

async fn screen(socket: &Socket, steps: &[Step]) -> Result<(), Refuse> {
    for step in steps {
        word_of(socket, guarded(|| step(socket.clone())).map(Some)).await?;
    }
    Ok(())
}

/// What user code says about a newcomer; a panic (`None`) refuses, silence (`Some(None)`) lets it pass.
async fn word_of(socket: &Socket, verdict: Option<Option<Verdict>>) -> Result<(), Refuse> {
    let passed = match verdict {
        Some(Some(Verdict::Now(verdict))) => Some(verdict),
        Some(Some(Verdict::Later(later))) => std::panic::AssertUnwindSafe(later).catch_unwind().await.ok(),
        Some(None) => Some(Ok(())),
        None => None,
    };
    passed.unwrap_or_else(|| {
        crate::trace::handler_panicked(socket.namespace(), "(middleware)", socket.id());
        Err(Refuse::new("internal", "internal error"))
    })
}
