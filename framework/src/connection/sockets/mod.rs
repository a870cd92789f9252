//! Socket.IO on top of a session: packets to sockets, events to handlers, one at a time per socket.
//!
//! Step 5 of 8 of an event's way through the framework; the crate's front page names them all.

mod away;
mod credentials;
mod joining;
mod leaving;
mod stage;

use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use actix::Context;
use bytestring::ByteString;
use compact_str::CompactString;
use futures_util::FutureExt;
use smallvec::SmallVec;

use super::tunnel::Tunnel;
use super::{ATTACHMENTS, App, Connection, Done};
use crate::engine::CloseReason;
use crate::error::Refuse;
use crate::event::{guarded, guarded_task};
use crate::id::SocketId;
use crate::namespace::Registry;
use crate::protocol::engine;
use crate::protocol::socket::{DecodeError, Decoder, Event, Limits, Packet};
use crate::seldom::Seldom;
use crate::socket::{AckFn, Call, Request, SocketCell, Task};
use crate::worker::HubInner;
pub(crate) use away::end_all;
pub(super) use credentials::Credentials;
use stage::{Phase, Stage};

/// What all connections of a server share.
#[derive(Debug)]
pub(crate) struct SocketIo {
    pub(crate) registry: Arc<Registry>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) max_namespaces: usize,
    pub(crate) max_waiting: usize,
}

/// See the module.
pub(crate) struct Sockets {
    io: Arc<SocketIo>,
    decoder: Decoder,
    request: Arc<Request>,
    stages: SmallVec<[Stage; 1]>,
    /// Names that a predicate is being asked about.
    asking: Seldom<ByteString>,
    /// Left by the server; packets under way for them are no fault of the client.
    kicked: Seldom<ByteString>,
    strays: u32,
    /// Namespaces that another worker serves.
    tunnels: Seldom<Tunnel>,
    /// Handlers running beside the others, also those of sockets that have left.
    beside: usize,
}

impl Sockets {
    pub(super) fn new(io: Arc<SocketIo>, request: Arc<Request>) -> Self {
        Self {
            decoder: Decoder::new(io.limits.clone()),
            io,
            request,
            stages: SmallVec::new(),
            asking: Seldom::default(),
            kicked: Seldom::default(),
            strays: 0,
            tunnels: Seldom::default(),
            beside: 0,
        }
    }

    pub(super) fn is_full(&self, hub: &HubInner) -> bool {
        let (events, bytes) = (self.io.max_waiting, hub.settings.max_payload);
        self.beside >= events
            || self.tunnels.iter().any(Tunnel::is_full)
            || self
                .stages
                .iter()
                .map(Stage::backlog)
                .any(|(waiting, size)| waiting >= events || size >= bytes)
    }

    /// Nothing is at work any more.
    pub(super) fn is_done(&self) -> bool {
        self.stages.is_empty() && self.beside == 0
    }

    /// Whether a handler, a hook or middleware has not ended, or an event waits.
    pub(super) fn is_at_work(&self) -> bool {
        let at_work = |stage: &Stage| stage.phase != Phase::Joined || !stage.is_idle();
        self.beside > 0 || !self.asking.is_empty() || self.stages.iter().any(at_work)
    }

    /// Nothing is at work, and one event more would not be too much.
    pub(super) fn is_at_rest(&self) -> bool {
        self.io.max_waiting > 1 && self.tunnels.is_empty() && !self.is_at_work()
    }

    pub(super) fn give_up(&mut self, hub: &HubInner) {
        for stage in self.stages.drain(..) {
            if stage.phase != Phase::Joining {
                crate::trace::left_unhandled(
                    stage.cell.socket.namespace(),
                    stage.cell.socket.id(),
                    stage.backlog().0,
                );
            }
            stage.cell.mark_left();
            stage.cell.fail_answers();
            if let Phase::Leaving(reason) = stage.phase {
                stage.cell.seat.parts(reason);
            }
            match stage.returning {
                Some(returning) => returning.undo(),
                None => {
                    stage.cell.end();
                    hub.vacate(&stage.cell.seat);
                }
            }
        }
    }

    pub(super) fn io(&self) -> &Arc<SocketIo> {
        &self.io
    }

    pub(super) fn request(&self) -> &Arc<Request> {
        &self.request
    }

    /// A CONNECT packet to this namespace is being thought about.
    pub(super) fn asks(&mut self, namespace: &ByteString) {
        self.asking.push(namespace.clone());
    }

    pub(super) fn ponged(&self) {
        self.tunnels.iter().for_each(Tunnel::ponged);
    }

    fn tunnel(&self, namespace: &str) -> Option<&Tunnel> {
        self.tunnels.iter().find(|tunnel| tunnel.namespace == namespace)
    }

    /// The stage of a namespace that is not being left.
    fn find(&self, namespace: &str) -> Option<usize> {
        self.stages.iter().position(|stage| {
            matches!(stage.phase, Phase::Joining | Phase::Joined)
                && stage.cell.socket.namespace() == namespace
        })
    }

    /// By id, not by the seat's key: work of a socket that has left may end when its seat is taken by another.
    fn by_id(&self, id: SocketId) -> Option<usize> {
        self.stages.iter().position(|stage| stage.cell.seat.id == id)
    }
}

impl Connection {
    fn sockets(&mut self) -> Option<&mut Sockets> {
        match &mut self.app {
            App::SocketIo(sockets) => Some(sockets),
            App::Raw(_) => None,
        }
    }

    /// Engine.IO messages into Socket.IO packets.
    pub(super) fn socket_io(&mut self, packet: engine::Packet, ctx: &mut Context<Self>) {
        match packet {
            engine::Packet::Message(text) => self.socket_io_text(text, 0, ctx),
            engine::Packet::Binary(data) => {
                let Some(sockets) = self.sockets() else { return };
                let decoded = sockets.decoder.binary(data);
                self.decoded(decoded, ctx);
            }
            _ => {}
        }
    }

    /// A Socket.IO packet, from byte `start` of the text.
    pub(super) fn socket_io_text(&mut self, text: ByteString, start: usize, ctx: &mut Context<Self>) {
        let Some(sockets) = self.sockets() else { return };
        let decoded = sockets.decoder.text_from(text, start);
        self.decoded(decoded, ctx);
    }

    fn decoded(&mut self, decoded: Result<Option<Packet>, DecodeError>, ctx: &mut Context<Self>) {
        let Some(sockets) = self.sockets() else { return };
        let waits = !sockets.decoder.is_idle();
        match decoded {
            Ok(packet) => {
                self.line.unfinished(&self.hub, waits.then(|| Instant::now() + ATTACHMENTS));
                if let Some(packet) = packet {
                    self.socket_io_packet(packet, ctx);
                }
            }
            Err(error) => {
                crate::trace::bad_packet(&error);
                let refuse = Refuse::because(error.to_string());
                for stage in sockets.stages.iter().filter(|stage| stage.phase == Phase::Joined) {
                    let cell = &stage.cell;
                    cell.end();
                    // A panic there changes nothing: the connection is closed anyway.
                    guarded(|| cell.dispatch.refused(&cell.socket, &refuse));
                }
                self.hub.close(&self.line, CloseReason::ForcedClose);
            }
        }
    }

    pub(super) fn socket_io_packet(&mut self, packet: Packet, ctx: &mut Context<Self>) {
        if self.line.is_closed() {
            return;
        }
        if let Some(sockets) = self.sockets()
            && !sockets.tunnels.is_empty()
            && let Some(tunnel) = sockets.tunnel(packet.namespace())
        {
            return tunnel.pass(packet);
        }
        match packet {
            Packet::Event(event) => self.event(event, ctx),
            Packet::Ack(ack) => match self.stage_of(ack.namespace()) {
                Ok(at) => {
                    if let Some(stage) = self.sockets().and_then(|sockets| sockets.stages.get(at)) {
                        stage.cell.clone().answered(ack);
                    }
                }
                Err(Lost::Kicked) => {}
                Err(Lost::Stray) => self.hub.close(&self.line, CloseReason::ForcedServerClose),
            },
            Packet::Connect { namespace, auth } => self.connect(namespace, auth, ctx),
            Packet::Disconnect { namespace } => self.client_leaves(&namespace, ctx),
        }
    }

    fn stage_of(&mut self, namespace: &str) -> Result<usize, Lost> {
        let Some(sockets) = self.sockets() else { return Err(Lost::Kicked) };
        match sockets.find(namespace) {
            Some(at) => Ok(at),
            None if sockets.kicked.iter().any(|name| name == namespace) => Err(Lost::Kicked),
            None => Err(Lost::Stray),
        }
    }

    fn event(&mut self, event: Event, ctx: &mut Context<Self>) {
        let at = match self.stage_of(event.namespace()) {
            Ok(at) => at,
            Err(Lost::Kicked) => return,
            Err(Lost::Stray) => {
                self.hub.close(&self.line, CloseReason::ForcedServerClose);
                return;
            }
        };
        let Some(stage) = self.sockets().and_then(|sockets| sockets.stages.get_mut(at)) else { return };
        if stage.phase == Phase::Joining || !stage.is_idle() {
            stage.waiting.get_or_insert_default().push(event);
        } else {
            let cell = stage.cell.clone();
            self.run(&cell, event, ctx);
        }
    }

    /// Hands one event to its handlers.
    fn run(&mut self, cell: &Rc<SocketCell>, event: Event, ctx: &mut Context<Self>) {
        if cell.is_dismissed() {
            return;
        }
        let id = cell.seat.id;
        let socket = &cell.socket;
        let ack = AckFn::new(socket, event.id());
        let name = CompactString::new(event.name());
        let call = Call { socket, event, ack };
        let screening = guarded(|| cell.dispatch.screen(&call));
        match screening {
            Some(None) => self.hand_over(cell, call, name, ctx),
            Some(Some(screening)) => {
                let ack = call.ack;
                self.set_busy(id, true);
                let screening = std::panic::AssertUnwindSafe(screening).catch_unwind();
                let done = async move { Done::Passed { id, ack, name, verdict: screening.await.ok() } };
                if let Some(Done::Passed { ack, name, verdict, .. }) = self.try_now(done, ctx) {
                    self.passed(id, ack, &name, verdict, ctx);
                }
            }
            None => {
                let mut ack = call.ack;
                ack.fail("internal", "internal error");
                self.panicked(id, &name);
            }
        }
    }

    /// An event has been through packet middleware.
    pub(super) fn passed(
        &mut self,
        id: SocketId,
        mut ack: AckFn,
        name: &str,
        verdict: Option<Result<Event, Refuse>>,
        ctx: &mut Context<Self>,
    ) {
        self.set_busy(id, false);
        let stage = self.sockets().and_then(|sockets| sockets.stages.get(sockets.by_id(id)?));
        let Some(cell) = stage.map(|stage| stage.cell.clone()) else { return };
        let socket = &cell.socket;
        match verdict {
            Some(Ok(event)) => {
                let name = CompactString::new(event.name());
                self.hand_over(&cell, Call { socket, event, ack }, name, ctx);
            }
            Some(Err(refuse)) => {
                crate::trace::handler_failed(socket.namespace(), name, id, &refuse);
                if guarded(|| cell.dispatch.turned_away(socket, ack, &refuse)).is_none() {
                    self.panicked(id, name);
                }
            }
            None => {
                ack.fail("internal", "internal error");
                self.panicked(id, name);
            }
        }
    }

    fn hand_over(
        &mut self,
        cell: &Rc<SocketCell>,
        call: Call<'_>,
        name: CompactString,
        ctx: &mut Context<Self>,
    ) {
        // Middleware may have disconnected it.
        if cell.is_dismissed() {
            return;
        }
        let id = cell.seat.id;
        let mut beside: SmallVec<[Task; 1]> = SmallVec::new();
        let outcome = guarded(|| cell.dispatch.event(call, &mut |task| beside.push(task)));
        for task in beside {
            self.work_beside(id, task, &name, ctx);
        }
        match outcome {
            Some(None) => {}
            Some(Some(task)) => {
                self.set_busy(id, true);
                self.work(id, task, name, ctx);
            }
            None => self.panicked(id, &name),
        }
    }

    fn set_busy(&mut self, id: SocketId, busy: bool) {
        if let Some(sockets) = self.sockets()
            && let Some(at) = sockets.by_id(id)
            && let Some(stage) = sockets.stages.get_mut(at)
        {
            stage.busy = busy;
        }
    }

    /// Work that later events of the socket wait for.
    fn work(&mut self, id: SocketId, task: Task, name: CompactString, ctx: &mut Context<Self>) {
        let done =
            self.try_now(async move { Done::Handler { id, name, fine: guarded_task(task).await } }, ctx);
        if let Some(Done::Handler { name, fine, .. }) = done {
            if !fine {
                self.panicked(id, &name);
            }
            self.set_busy(id, false);
        }
    }

    fn work_beside(&mut self, id: SocketId, task: Task, name: &str, ctx: &mut Context<Self>) {
        let name = CompactString::new(name);
        if let Some(sockets) = self.sockets() {
            sockets.beside += 1;
        }
        self.begin(async move { Done::Beside { id, name, fine: guarded_task(task).await } }, ctx);
    }

    pub(super) fn beside_done(&mut self, id: SocketId, fine: bool, name: &str) {
        if let Some(sockets) = self.sockets() {
            sockets.beside = sockets.beside.saturating_sub(1);
        }
        if !fine {
            self.panicked(id, name);
        }
    }

    /// A handler has ended.
    pub(super) fn work_done(&mut self, id: SocketId, fine: bool, name: &str, ctx: &mut Context<Self>) {
        if !fine {
            self.panicked(id, name);
        }
        self.set_busy(id, false);
        self.go_through(id, ctx);
    }

    /// What waits runs, until something has to be waited for.
    pub(super) fn go_through(&mut self, id: SocketId, ctx: &mut Context<Self>) {
        loop {
            let Some(sockets) = self.sockets() else { return };
            let Some(at) = sockets.by_id(id) else { return };
            let Some(stage) = sockets.stages.get_mut(at) else { return };
            if stage.busy {
                return;
            }
            match (stage.waiting.as_mut().and_then(|waiting| waiting.pop()), stage.phase) {
                (Some(event), _) => {
                    if stage.waiting.as_ref().is_some_and(|waiting| waiting.is_empty()) {
                        stage.waiting = None;
                    }
                    let cell = stage.cell.clone();
                    self.run(&cell, event, ctx);
                }
                (None, Phase::Leaving(reason)) => return self.part(id, reason, ctx),
                (None, Phase::Joining | Phase::Joined | Phase::Parting) => return,
            }
        }
    }

    /// A handler panicked: its client's connection is closed, not its namespace, so that an official client comes back.
    fn panicked(&mut self, id: SocketId, name: &str) {
        if let Some(sockets) = self.sockets()
            && let Some(at) = sockets.by_id(id)
            && let Some(stage) = sockets.stages.get_mut(at)
        {
            stage.drop_queue();
            // What it left half done must not come back.
            stage.cell.end();
            crate::trace::handler_panicked(stage.cell.socket.namespace(), name, stage.cell.socket.id());
        }
        self.hub.close(&self.line, CloseReason::ForcedClose);
    }
}

/// Why a packet has no socket.
enum Lost {
    /// The server made the client leave while it was sending.
    Kicked,
    Stray,
}
