//! A client's way into a namespace: who it is for, a seat, the middleware, the welcome.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use actix::Context;
use bytestring::ByteString;
use futures_util::FutureExt;

use super::super::{Connection, Done};
use super::{Phase, Stage};
use crate::engine::CloseReason;
use crate::error::Refuse;
use crate::event::guarded;
use crate::id::SocketId;
use crate::namespace::{Population, Resolution, Step, Verdict};
use crate::protocol::socket::Kind;
use crate::socket::{Handshake, Identity, Socket, SocketCell, Task};
use crate::worker::Frame;

/// Unknown namespaces that one connection may ask for.
const STRAY_CONNECTS: usize = 64;

impl Connection {
    pub(super) fn connect(&mut self, name: ByteString, auth: Option<ByteString>, ctx: &mut Context<Self>) {
        let Some(sockets) = self.sockets() else { return };
        // A second CONNECT to a namespace that is joined or being joined is out of order.
        if sockets.find(&name).is_some() || sockets.asking.contains(&name) {
            self.hub.close(&self.line, CloseReason::ForcedServerClose);
            return;
        }
        sockets.kicked.retain(|kicked| *kicked != name);
        if sockets.stages.len() + sockets.asking.len() >= sockets.io.max_namespaces {
            self.refuse(&name, None, &Refuse::because("Too many namespaces"));
            return;
        }
        match sockets.io.registry.resolve(&name, auth.as_deref().unwrap_or("{}")) {
            Resolution::Found(population) => self.seat(population, auth, ctx),
            Resolution::Unknown => self.stray(&name),
            Resolution::Ask(question) => {
                sockets.asking.push(name.clone());
                let question = std::panic::AssertUnwindSafe(question).catch_unwind();
                self.begin(
                    async move { Done::Asked { name, auth, found: question.await.ok().flatten() } },
                    ctx,
                );
            }
        }
    }

    pub(in crate::connection) fn asked(
        &mut self,
        name: &ByteString,
        auth: Option<ByteString>,
        found: Option<Population>,
        ctx: &mut Context<Self>,
    ) {
        if let Some(sockets) = self.sockets() {
            sockets.asking.retain(|asked| asked != name);
        }
        match found {
            _ if self.line.is_closed() => {}
            Some(population) => self.seat(population, auth, ctx),
            None => self.stray(name),
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
    fn refuse(&self, namespace: &str, id: Option<SocketId>, refuse: &Refuse) {
        crate::trace::refused(namespace, id, refuse, refuse.hidden().is_some());
        let frame = Frame::packet(Kind::ConnectError, namespace, None, |out| {
            refuse.write(out)?;
            Ok::<_, serde_json::Error>(Vec::new())
        });
        if let Ok(frame) = frame {
            self.line.offer(&self.hub, frame, false);
        }
    }

    /// Makes the socket and sends it through the middleware.
    fn seat(&mut self, population: Population, auth: Option<ByteString>, ctx: &mut Context<Self>) {
        let (hub, line) = (self.hub.clone(), self.line.clone());
        let Some(sockets) = self.sockets() else { return };
        let space = population.core.space.clone();
        let Some(seat) = hub.take_seat(&space, &line) else {
            self.refuse(&space.name, None, &Refuse::because("Server is full"));
            return;
        };
        let socket = Socket(Arc::new(Identity {
            id: seat.id,
            worker: hub.worker,
            key: seat.key,
            fleet: hub.fleet.clone(),
            space,
            card: seat.card.clone(),
            wiring: sockets.wiring.clone(),
            handshake: Handshake { request: sockets.request.clone(), auth, issued: SystemTime::now() },
            extensions: crate::socket::Extensions::default(),
            data: Mutex::new(serde_json::Value::Null),
        }));
        let rules = population.core.rules();
        let cell =
            SocketCell::new(&hub, &seat, socket.clone(), rules.dispatch(&population.core), &sockets.clique);
        sockets.clique.borrow_mut().push(cell.clone());
        let everywhere = sockets.io.registry.steps_everywhere();
        let dispatch = cell.dispatch.clone();
        sockets.stages.push(Stage {
            cell,
            population,
            phase: Phase::Joining,
            queue: VecDeque::new(),
            bytes: 0,
            busy: false,
        });
        let id = seat.id;
        let screening = async move {
            screen(&socket, &everywhere).await?;
            screen(&socket, &rules.steps).await?;
            let last = guarded(|| dispatch.connecting(&socket));
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
            self.forget(id, ctx);
            self.refuse(&name, Some(id), &refuse);
            return;
        }
        stage.phase = Phase::Joined;
        stage.busy = true;
        // In this order: connected, in its own room, told so; then the app's code, whose events follow the CONNECT packet.
        hub.admit(&cell.seat);
        let connect = Frame::packet(Kind::Connect, &name, None, |out| {
            out.extend_from_slice(b"{\"sid\":\"");
            out.extend_from_slice(cell.socket.id().as_str().as_bytes());
            out.extend_from_slice(b"\"}");
            Ok::<_, std::convert::Infallible>(Vec::new())
        });
        let Ok(frame) = connect;
        line.offer(&hub, frame, false);
        line.joined();
        crate::trace::connected(&name, cell.socket.id());
        let mut tasks = Vec::new();
        match guarded(|| cell.dispatch.connected(&cell.socket)) {
            Some(task) => tasks.extend(task),
            None => return self.work_done(id, false, "(connected)", ctx),
        }
        for welcome in &welcomes.welcomes {
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
        let hub = self.hub.clone();
        if let Some(sockets) = self.sockets()
            && let Some(at) = sockets.by_id(id)
        {
            let stage = sockets.stages.remove(at);
            sockets.clique.borrow_mut().retain(|cell| cell.seat.id != id);
            stage.cell.mark_left();
            stage.cell.fail_answers();
            hub.vacate(&stage.cell.seat);
        }
        self.finish_if_idle(ctx);
    }
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
