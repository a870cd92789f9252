//! A socket's way out: after its handlers, with its hooks in the reference's order.

use std::rc::Rc;

use actix::{AsyncContext, Context};
use bytestring::ByteString;

use super::super::{Connection, Done, FAREWELL};
use super::{Lost, Phase, away};
use crate::engine::CloseReason;
use crate::event::{guarded, guarded_task};
use crate::id::SocketId;
use crate::socket::{Disconnect, SocketCell, Task};
use crate::worker::HubInner;

impl Connection {
    pub(super) fn client_leaves(&mut self, namespace: &str, ctx: &mut Context<Self>) {
        match self.stage_of(namespace) {
            Ok(at) => {
                let Some(stage) = self.sockets().and_then(|sockets| sockets.stages.get(at)) else { return };
                let id = stage.cell.seat.id;
                if stage.phase == Phase::Joining {
                    // Out of order, and each round would leave a middleware behind that is still at work.
                    self.hub.close(&self.line, CloseReason::ForcedServerClose);
                    return;
                }
                self.leave(id, Disconnect::ClientNamespaceDisconnect, ctx);
            }
            Err(Lost::Kicked) => {}
            Err(Lost::Stray) => self.hub.close(&self.line, CloseReason::ForcedServerClose),
        }
    }

    pub(in crate::connection) fn left_by_server(&mut self, id: SocketId, ctx: &mut Context<Self>) {
        if let Some(sockets) = self.sockets()
            && let Some(at) = sockets.by_id(id)
            && let Some(stage) = sockets.stages.get(at)
        {
            let name = ByteString::from(stage.cell.socket.namespace());
            if !sockets.kicked.contains(&name) && sockets.kicked.len() < sockets.io.max_namespaces {
                sockets.kicked.push(name);
            }
        }
        self.leave(id, Disconnect::ServerNamespaceDisconnect, ctx);
    }

    pub(in crate::connection) fn all_leave(&mut self, reason: CloseReason, ctx: &mut Context<Self>) {
        let Some(sockets) = self.sockets() else { return };
        sockets.asking.take();
        for tunnel in sockets.tunnels.take() {
            tunnel.ends_with(reason);
        }
        let ids: Vec<_> = sockets.stages.iter().map(|stage| stage.cell.seat.id).collect();
        let why = match reason {
            CloseReason::ServerDisconnect => Disconnect::ServerNamespaceDisconnect,
            reason => Disconnect::Closed(reason),
        };
        for id in ids {
            self.leave(id, why, ctx);
        }
    }

    /// All sockets leave, and the connection is closed: the server's `disconnect(true)`.
    pub(in crate::connection) fn dismiss(&mut self) {
        let (hub, line) = (self.hub.clone(), self.line.clone());
        if let Some(sockets) = self.sockets() {
            sockets.stages.iter().for_each(|stage| stage.cell.say_goodbye());
            for tunnel in sockets.tunnels.iter() {
                line.offer(&hub, SocketCell::goodbye(&tunnel.namespace), false);
            }
        }
        hub.close(&line, CloseReason::ServerDisconnect);
    }

    pub(in crate::connection) fn tunnel_over(&mut self, index: u32) {
        if let Some(sockets) = self.sockets() {
            sockets.tunnels.retain(|tunnel| !tunnel.arrives_at(index));
        }
    }

    /// The socket leaves when its handlers are done; what it sent before is still handled.
    fn leave(&mut self, id: SocketId, reason: Disconnect, ctx: &mut Context<Self>) {
        let Some(sockets) = self.sockets() else { return };
        let Some(at) = sockets.by_id(id) else { return };
        let Some(stage) = sockets.stages.get_mut(at) else { return };
        match stage.phase {
            Phase::Joining => return self.forget(id, ctx),
            Phase::Joined => {}
            Phase::Leaving(_) | Phase::Parting => return,
        }
        match reason {
            Disconnect::Closed(reason) if may_come_back(reason) && stage.cell.go_away() => {}
            _ => {
                stage.cell.mark_left();
                stage.cell.end();
            }
        }
        stage.cell.fail_answers();
        stage.phase = Phase::Leaving(reason);
        if !stage.busy {
            self.work_done(id, true, "", ctx);
            return;
        }
        ctx.run_later(FAREWELL, move |connection, ctx| {
            let late = connection.sockets().and_then(|sockets| {
                let at = sockets.by_id(id)?;
                let stage = sockets.stages.get_mut(at)?;
                matches!(stage.phase, Phase::Leaving(_)).then(|| {
                    let dropped = stage.drop_queue();
                    // Its handler may still have its state.
                    stage.cell.end();
                    let socket = &stage.cell.socket;
                    crate::trace::left_unhandled(socket.namespace(), socket.id(), dropped);
                })
            });
            if late.is_some() {
                connection.part(id, reason, ctx);
                // The connection may have been held back for what is dropped now.
                connection.go_on(ctx);
            }
        });
    }

    /// Runs the hooks in the reference's order: `disconnecting` with the rooms still set, out of the rooms, `disconnect`.
    pub(super) fn part(&mut self, id: SocketId, reason: Disconnect, ctx: &mut Context<Self>) {
        let hub = self.hub.clone();
        let Some(sockets) = self.sockets() else { return };
        let Some(at) = sockets.by_id(id) else { return };
        let Some(stage) = sockets.stages.get_mut(at) else { return };
        stage.phase = Phase::Parting;
        let cell = stage.cell.clone();
        self.line.detach(&cell);
        let stays = cell.stays();
        self.begin(
            async move {
                if stays {
                    away::absence(&cell, reason).await;
                } else {
                    farewell(hub, cell, reason).await;
                }
                Done::Parted { id, reason, stays }
            },
            ctx,
        );
    }

    pub(in crate::connection) fn parted(
        &mut self,
        id: SocketId,
        reason: Disconnect,
        stays: bool,
        ctx: &mut Context<Self>,
    ) {
        let hub = self.hub.clone();
        if let Some(sockets) = self.sockets()
            && let Some(at) = sockets.by_id(id)
        {
            let stage = sockets.stages.remove(at);
            if stays {
                away::keep(hub, stage.cell, stage.population, reason);
            }
        }
        self.finish_if_idle(ctx);
    }
}

/// Whether a session whose transport ended like this may be recovered: not when the client broke the protocol, and not when
/// the server, and with it the log, goes down.
fn may_come_back(reason: CloseReason) -> bool {
    match reason {
        CloseReason::PingTimeout
        | CloseReason::TransportClose
        | CloseReason::TransportError
        | CloseReason::ForcedClose
        | CloseReason::ForcedServerClose
        | CloseReason::TooSlow => true,
        CloseReason::ParseError | CloseReason::ServerDisconnect | CloseReason::ServerShuttingDown => false,
    }
}

/// Runs what a hook returned to its end; false when it panicked, which is logged.
pub(super) async fn hook(cell: &SocketCell, name: &str, task: Option<Option<Task>>) -> bool {
    let fine = match task {
        Some(Some(task)) => guarded_task(task).await,
        Some(None) => true,
        None => false,
    };
    if !fine {
        crate::trace::handler_panicked(cell.socket.namespace(), name, cell.socket.id());
    }
    fine
}

/// The hooks of a socket that leaves for good.
pub(super) async fn farewell(hub: Rc<HubInner>, cell: Rc<SocketCell>, reason: Disconnect) {
    let socket = &cell.socket;
    hook(&cell, "(disconnecting)", guarded(|| cell.dispatch.disconnecting(socket, reason))).await;
    cell.seat.parts(reason);
    hub.vacate(&cell.seat);
    crate::trace::disconnected(socket.namespace(), socket.id(), reason.as_str());
    hook(&cell, "(disconnect)", guarded(|| cell.dispatch.disconnected(socket, reason))).await;
}
