//! A namespace whose session lives on another worker: its packets go there, and what it says comes back.
//!
//! A client that comes back may land on any worker, but a session that was away stays on its own. So the namespace is served
//! there, by a connection like any other whose transport is this tunnel. A window bounds what is under way to it; what comes back
//! goes through the client's own outbox, and is bounded there.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use actix::Context;
use bytestring::ByteString;
use tokio::sync::oneshot;

use super::{App, AppFactory, Connection, Done, SocketIo};
use crate::engine::CloseReason;
use crate::protocol::socket::Packet;
use crate::socket::Request;
use crate::worker::{
    GiveBack, HubInner, LINK_WINDOW, LineAddress, Link, LinkEnd, LinkInput, LinkPlace, Op, Permit, Signal,
};

/// Bytes under way to the session's worker.
#[derive(Debug)]
struct Window {
    under_way: AtomicUsize,
    /// Whose client may be read again when there is room.
    client: LineAddress,
}

impl Window {
    fn is_full(&self) -> bool {
        self.under_way.load(Ordering::Acquire) >= LINK_WINDOW
    }
}

impl GiveBack for Window {
    fn give_back(&self, bytes: usize) {
        let before = self.under_way.fetch_sub(bytes, Ordering::AcqRel);
        if before >= LINK_WINDOW && before - bytes < LINK_WINDOW {
            self.client.run(|_, line| line.signal(Signal::LookAgain));
        }
    }

    fn refuse(&self) {
        // The session's end of the tunnel says how it ended.
    }
}

/// The session's end of a tunnel. Dropped before it became one, what it was opened for is closed.
struct FarEnd {
    line: LineAddress,
    link: u32,
    is_used: bool,
}

impl Drop for FarEnd {
    fn drop(&mut self) {
        if !self.is_used {
            self.line.run(|hub, line| hub.close(line, CloseReason::TransportClose));
        }
    }
}

/// See the module. Dropped when the client's connection ends.
pub(super) struct Tunnel {
    pub(super) namespace: ByteString,
    /// Where what comes back arrives.
    place: LinkPlace,
    window: Arc<Window>,
    end: FarEnd,
    /// Why the client's connection has ended.
    over: Cell<CloseReason>,
}

impl Tunnel {
    /// Sends a packet to the session.
    pub(super) fn pass(&self, packet: Packet) {
        let bytes = 64
            + match &packet {
                Packet::Connect { auth, .. } => auth.as_ref().map_or(0, |auth| auth.len()),
                Packet::Disconnect { .. } => 0,
                Packet::Event(event) => event.size(),
                Packet::Ack(ack) => ack.size(),
            };
        self.window.under_way.fetch_add(bytes, Ordering::AcqRel);
        self.tell(LinkInput::Packet(packet, Permit::new(self.window.clone(), bytes)));
    }

    pub(super) fn is_full(&self) -> bool {
        self.window.is_full()
    }

    /// The client has answered a ping.
    pub(super) fn ponged(&self) {
        self.tell(LinkInput::Ponged);
    }

    pub(super) fn arrives_at(&self, index: u32) -> bool {
        self.place.index() == index
    }

    pub(super) fn ends_with(&self, reason: CloseReason) {
        self.over.set(reason);
    }

    fn tell(&self, input: LinkInput) {
        // Bounded by the window, so it is never refused.
        let FarEnd { line, link, .. } = &self.end;
        let _ = self.place.hub().post(line.worker, Op::LinkIn { slot: line.slot, link: *link, input });
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        self.tell(LinkInput::Ended(LinkEnd::Over(self.over.get())));
        // Behind a handler that hangs, the word above would wait as long as that.
        self.tell(LinkInput::Gone);
    }
}

/// What a session's worker needs to serve a connection from afar.
struct Opening {
    io: Arc<SocketIo>,
    request: Arc<Request>,
}

impl Opening {
    /// On the session's worker: a connection whose transport is the tunnel.
    fn carry_out(self, hub: &Rc<HubInner>, from: u16, index: u32, opened: oneshot::Sender<FarEnd>) {
        let Some(line) = hub.open_far(Instant::now()) else { return };
        let link = hub.next_link();
        line.open_over(Link::remote(link, from, index));
        let factory = AppFactory::SocketIo(self.io);
        Connection::start_with(hub, &line, &factory, self.request, None);
        let end = FarEnd { line: LineAddress::of(hub, &line), link, is_used: false };
        // If nobody waits for it any more, it is dropped here, or with the receiver.
        let _ = opened.send(end);
    }
}

impl Connection {
    /// Serves a namespace by another worker, beginning with its CONNECT packet.
    pub(super) fn dig(
        &mut self,
        worker: u16,
        namespace: ByteString,
        auth: Option<ByteString>,
        ctx: &mut Context<Self>,
    ) {
        let (hub, line) = (self.hub.clone(), self.line.clone());
        let App::SocketIo(sockets) = &mut self.app else { return };
        let opening = Opening { io: sockets.io().clone(), request: sockets.request().clone() };
        sockets.asks(&namespace);
        let client = LineAddress::of(&hub, &line);
        let window = Arc::new(Window { under_way: AtomicUsize::new(0), client });
        let place = LinkPlace::reserve(&hub);
        let index = place.index();
        let (tx, rx) = oneshot::channel();
        let here = hub.worker;
        hub.run_on(worker, Box::new(move |there: &Rc<HubInner>| opening.carry_out(there, here, index, tx)));
        let digging = async move {
            let Ok(mut end) = rx.await else {
                return Done::Dug { namespace, auth, tunnel: None };
            };
            end.is_used = true;
            place.serve_tunnel(&line, (worker, end.line.slot, end.link));
            let over = Cell::new(CloseReason::TransportClose);
            let tunnel = Tunnel { namespace: namespace.clone(), place, window, end, over };
            Done::Dug { namespace, auth, tunnel: Some(tunnel) }
        };
        self.begin(digging, ctx);
    }
}
